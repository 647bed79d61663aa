//! The measures of a document, each with its limit.

use async_graphql::{Value, value};

use crate::Rejection;

/// The advice for a document that has too many parts.
const SPLIT: &str = "Split the request into several.";
/// The advice for a document that is nested too deep.
const FLATTEN: &str = "Query what is nested deeper by its id, in another request.";

/// A measure of a document. Fields, fragments and their parts are counted wherever they are spread.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// The name for programs.
    name: &'static str,
    limit: usize,
    /// The error code of a document that exceeds the limit.
    code: &'static str,
    /// The counted things, for people.
    counted: &'static str,
    /// The advice for a document that exceeds the limit.
    advice: &'static str,
}

impl Measure {
    /// Names, numbers, strings and punctuators.
    pub const TOKENS: Self = Self::count("tokens", 2_000, "tokens");
    /// The depth of brackets. The parser's stack grows with it, and a stack overflow ends the process.
    pub const BRACKETS: Self = Self::depth("brackets", 100, "levels of brackets");
    /// Operations and fragments.
    pub const DEFINITIONS: Self = Self::count("definitions", 50, "operations and fragments")
        .advise("Send only those that it needs.");
    /// Variables of all operations.
    pub const VARIABLES: Self = Self::count("variables", 100, "variables");
    /// Values sent for variables, with all items and members inside them.
    pub const SENT: Self = Self::count("sent", 1_000, "values in its variables");
    /// The depth of lists and objects in a variable.
    pub const SENT_DEPTH: Self = Self::depth(
        "sentDepth",
        10,
        "levels of lists and objects in its variables",
    );
    /// The depth of fields. The introspection query of GraphiQL has 15.
    pub const DEPTH: Self = Self::depth("depth", 15, "levels of fields");
    /// The depth of fields and fragments.
    pub const NESTING: Self = Self::depth("nesting", 30, "levels of fields and fragments");
    /// The depth of introspection lists that lead from type to type.
    pub const SCHEMA_LISTS: Self = Self::depth(
        "schemaLists",
        2,
        "levels of lists of types and fields of the schema",
    );
    /// Fields.
    pub const FIELDS: Self = Self::count("fields", 500, "fields, counted at each spread");
    /// Fragment spreads and inline fragments.
    pub const FRAGMENTS: Self = Self::count("fragments", 200, "fragments, counted at each spread");
    /// Fields with an alias.
    pub const ALIASES: Self = Self::count("aliases", 100, "aliases");
    /// Directives in all places.
    pub const DIRECTIVES: Self = Self::count("directives", 50, "directives");
    /// Values of arguments, with the values sent for variables. Validation copies them at each use.
    pub const VALUES: Self = Self::count("values", 1_000, "values in its arguments");
    /// Root fields of an operation.
    pub const ROOT_FIELDS: Self = Self::count("rootFields", 20, "root fields");
    /// Root fields of a mutation: one takes effect even if the next one fails.
    pub const MUTATION_FIELDS: Self = Self::count("mutationFields", 1, "fields in a mutation")
        .advise("Send the mutations one after another.");
    /// Root fields of a subscription.
    pub const SUBSCRIPTION_FIELDS: Self =
        Self::count("subscriptionFields", 1, "fields in a subscription")
            .advise("Subscribe to each separately.");
    /// Comparisons of fields that may share a response key, each with its arguments. Validation looks for conflicting
    /// fields again in each selection set around them.
    pub const COMPARISONS: Self = Self::count(
        "comparisons",
        5_000,
        "comparisons of fields that may share a response key",
    );
    /// Values in the response if each list has its maximum length.
    pub const COST: Self = Self::count(
        "cost",
        50_000,
        "values in its response if each list has its maximum length",
    )
    .advise("Ask for shorter pages, with a smaller `first`.");

    /// Creates a measure of how many things a document has.
    const fn count(name: &'static str, limit: usize, counted: &'static str) -> Self {
        Self {
            name,
            limit,
            code: "too_complex",
            counted,
            advice: SPLIT,
        }
    }

    /// Creates a measure of how deep a document is nested.
    const fn depth(name: &'static str, limit: usize, counted: &'static str) -> Self {
        Self {
            name,
            limit,
            code: "too_deep",
            counted,
            advice: FLATTEN,
        }
    }

    const fn advise(self, advice: &'static str) -> Self {
        Self { advice, ..self }
    }

    /// Fails if the measured number exceeds the limit.
    pub fn check(self, measured: usize) -> Result<(), Excess> {
        if measured > self.limit {
            return Err(Excess {
                measure: self,
                measured,
            });
        }
        Ok(())
    }

    /// Returns the measured number, as `extensions` report it.
    pub fn report(self, measured: usize) -> Value {
        value!({
            "measure": (self.name),
            "measured": measured,
            "limit": (self.limit),
        })
    }
}

/// A measure that exceeds its limit.
#[derive(Debug)]
pub struct Excess {
    measure: Measure,
    measured: usize,
}

impl Excess {
    /// Creates the excess of a measure that was not counted to its end.
    pub const fn at_least(measure: Measure) -> Self {
        Self {
            measure,
            measured: measure.limit + 1,
        }
    }
}

impl From<Excess> for Rejection {
    fn from(Excess { measure, measured }: Excess) -> Self {
        let Measure {
            limit,
            code,
            counted,
            advice,
            ..
        } = measure;
        let message =
            format!("The request has {measured} {counted}; the limit is {limit}. {advice}");
        Self::document(code, message, None).with_extension("cost", measure.report(measured))
    }
}
