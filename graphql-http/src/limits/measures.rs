//! The measures of a document, each with its limit.

use async_graphql::{Value, value};

use crate::Rejection;

/// A measure of a document. Fields, fragments and their parts are counted wherever they are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Names, numbers, strings and punctuators.
    Tokens,
    /// The depth of brackets. The parser's stack grows with it, and a stack overflow ends the process.
    Brackets,
    /// Operations and fragments.
    Definitions,
    /// Variables of all operations.
    Variables,
    /// Values sent for variables, with all items and members inside them.
    Sent,
    /// The depth of lists and objects in a variable.
    SentDepth,
    /// The depth of fields.
    Depth,
    /// The depth of fields and fragments.
    Nesting,
    /// The depth of introspection lists that lead from type to type.
    SchemaLists,
    /// Fields.
    Fields,
    /// Fragment spreads and inline fragments.
    Fragments,
    /// Fields with an alias.
    Aliases,
    /// Directives in all places.
    Directives,
    /// Values of arguments, with the values sent for variables. Validation copies them at each use.
    Values,
    /// Root fields of an operation.
    RootFields,
    /// Root fields of a mutation: one takes effect even if the next one fails.
    MutationFields,
    /// Root fields of a subscription.
    SubscriptionFields,
    /// Comparisons of fields that may share a response key, each with its arguments. Validation looks for conflicting
    /// fields again in each selection set around them.
    Comparisons,
    /// Values in the response if each list has its maximum length.
    Cost,
}

/// A measure that exceeds its limit.
#[derive(Debug)]
pub struct Excess {
    measure: Measure,
    measured: usize,
}

impl Measure {
    /// Returns the limit.
    pub const fn limit(self) -> usize {
        match self {
            Self::Tokens => 2_000,
            Self::Brackets => 100,
            Self::Definitions => 50,
            Self::Variables => 100,
            Self::Sent | Self::Values => 1_000,
            Self::SentDepth => 10,
            // The introspection query of GraphiQL has 15.
            Self::Depth => 15,
            Self::Nesting => 30,
            Self::SchemaLists => 2,
            Self::Fields => 500,
            Self::Fragments => 200,
            Self::Aliases => 100,
            Self::Directives => 50,
            Self::RootFields => 20,
            Self::MutationFields | Self::SubscriptionFields => 1,
            Self::Comparisons => 5_000,
            Self::Cost => 50_000,
        }
    }

    /// Fails if the measured number exceeds the limit.
    pub fn check(self, measured: usize) -> Result<(), Excess> {
        if measured > self.limit() {
            return Err(Excess {
                measure: self,
                measured,
            });
        }
        Ok(())
    }

    /// Returns the name for programs.
    const fn name(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::Brackets => "brackets",
            Self::Definitions => "definitions",
            Self::Variables => "variables",
            Self::Sent => "sent",
            Self::SentDepth => "sentDepth",
            Self::Depth => "depth",
            Self::Nesting => "nesting",
            Self::SchemaLists => "schemaLists",
            Self::Fields => "fields",
            Self::Fragments => "fragments",
            Self::Aliases => "aliases",
            Self::Directives => "directives",
            Self::Values => "values",
            Self::RootFields => "rootFields",
            Self::MutationFields => "mutationFields",
            Self::SubscriptionFields => "subscriptionFields",
            Self::Comparisons => "comparisons",
            Self::Cost => "cost",
        }
    }

    /// Returns a description for people, and advice for a document that exceeds the limit.
    const fn explained(self) -> (&'static str, &'static str) {
        const SPLIT: &str = "Split the request into several.";
        const FLATTEN: &str = "Query what is nested deeper by its id, in another request.";
        match self {
            Self::Tokens => ("tokens", SPLIT),
            Self::Brackets => ("levels of brackets", FLATTEN),
            Self::Definitions => ("operations and fragments", "Send only those that it needs."),
            Self::Variables => ("variables", SPLIT),
            Self::Sent => ("values in its variables", SPLIT),
            Self::SentDepth => ("levels of lists and objects in its variables", FLATTEN),
            Self::Depth => ("levels of fields", FLATTEN),
            Self::Nesting => ("levels of fields and fragments", FLATTEN),
            Self::SchemaLists => ("levels of lists of types and fields of the schema", FLATTEN),
            Self::Fields => ("fields, counted at each spread", SPLIT),
            Self::Fragments => ("fragments, counted at each spread", SPLIT),
            Self::Aliases => ("aliases", SPLIT),
            Self::Directives => ("directives", SPLIT),
            Self::Values => ("values in its arguments", SPLIT),
            Self::RootFields => ("root fields", SPLIT),
            Self::MutationFields => (
                "fields in a mutation",
                "Send the mutations one after another.",
            ),
            Self::SubscriptionFields => {
                ("fields in a subscription", "Subscribe to each separately.")
            }
            Self::Comparisons => ("comparisons of fields that may share a response key", SPLIT),
            Self::Cost => (
                "values in its response if each list has its maximum length",
                "Ask for shorter pages, with a smaller `first`.",
            ),
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Brackets | Self::SentDepth | Self::Depth | Self::Nesting | Self::SchemaLists => {
                "too_deep"
            }
            _ => "too_complex",
        }
    }
}

impl Excess {
    /// Creates the excess of a measure that was not counted to its end.
    pub const fn at_least(measure: Measure) -> Self {
        Self {
            measure,
            measured: measure.limit() + 1,
        }
    }
}

impl From<Excess> for Rejection {
    fn from(Excess { measure, measured }: Excess) -> Self {
        let (what, advice) = measure.explained();
        let message = format!(
            "The request has {measured} {what}; the limit is {}. {advice}",
            measure.limit()
        );
        Self::document(measure.code(), message, None)
            .with_extension("cost", report(measure, measured))
    }
}

/// Returns the measured number, as `extensions` report it.
pub fn report(measure: Measure, measured: usize) -> Value {
    value!({
        "measure": (measure.name()),
        "measured": measured,
        "limit": (measure.limit()),
    })
}
