//! How much of what one document may have.

use async_graphql::{Value, value};

use crate::graphql::rejection::Rejection;

/// What is measured. Fields, fragments and what comes with them are counted wherever they are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Names, numbers, texts and punctuators.
    Tokens,
    /// Brackets inside one another. The parser's stack grows with each, and a full stack ends the process.
    Brackets,
    /// Operations and fragments.
    Definitions,
    /// Variables of all operations.
    Variables,
    /// Values of variables: each one, with each member of what it is made of.
    Sent,
    /// Lists and objects of a variable inside one another.
    SentDepth,
    /// Fields inside one another.
    Depth,
    /// Fields and fragments inside one another.
    Nesting,
    /// Lists of introspection inside one another, which lead from type to type.
    SchemaLists,
    /// Fields.
    Fields,
    /// Spreads and inline fragments.
    Fragments,
    /// Fields with another name.
    Aliases,
    /// Directives, wherever they stand.
    Directives,
    /// Values of arguments, variables by what was sent for them. Validation copies them for each use.
    Values,
    /// Fields of the operations themselves.
    RootFields,
    /// The same of mutations: what is done is done whether or not its neighbour fails.
    MutationFields,
    /// The same of subscriptions.
    SubscriptionFields,
    /// Comparisons of fields that may have the same name in the answer: each with the arguments it could have. Validation
    /// looks for fields that contradict each other, again in each selection set around them.
    Comparisons,
    /// Values in the answer, when each list is as long as it can be.
    Cost,
}

/// A measure beyond its limit.
#[derive(Debug)]
pub struct Excess {
    measure: Measure,
    measured: usize,
}

impl Measure {
    /// The most that a document may have of it.
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

    /// Fails where there is more of it than may be.
    pub fn check(self, measured: usize) -> Result<(), Excess> {
        if measured > self.limit() {
            return Err(Excess {
                measure: self,
                measured,
            });
        }
        Ok(())
    }

    /// Its name for programs.
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

    /// Its name for people, and what to do where there is too much of it.
    const fn explained(self) -> (&'static str, &'static str) {
        const SPLIT: &str = "Ask for less, in several requests.";
        const FLATTEN: &str = "Ask for what is further down by its id, in another request.";
        match self {
            Self::Tokens => ("tokens", SPLIT),
            Self::Brackets => ("brackets inside one another", FLATTEN),
            Self::Definitions => (
                "operations and fragments",
                "Send those alone that it needs.",
            ),
            Self::Variables => ("variables", SPLIT),
            Self::Sent => ("values in its variables", SPLIT),
            Self::SentDepth => (
                "lists and objects inside one another in its variables",
                FLATTEN,
            ),
            Self::Depth => ("fields inside one another", FLATTEN),
            Self::Nesting => ("fields and fragments inside one another", FLATTEN),
            Self::SchemaLists => (
                "lists of types and fields of the schema inside one another",
                FLATTEN,
            ),
            Self::Fields => ("fields, each counted wherever it is spread", SPLIT),
            Self::Fragments => ("fragments, each counted wherever it is spread", SPLIT),
            Self::Aliases => ("aliases", SPLIT),
            Self::Directives => ("directives", SPLIT),
            Self::Values => ("values in its arguments", SPLIT),
            Self::RootFields => ("fields at the root", SPLIT),
            Self::MutationFields => ("fields in a mutation", "Send one mutation after another."),
            Self::SubscriptionFields => {
                ("fields in a subscription", "Subscribe to each on its own.")
            }
            Self::Comparisons => ("fields that may have the same name in the answer", SPLIT),
            Self::Cost => (
                "values in its answer, when each list is as long as it can be",
                "Ask for shorter lists, with a smaller `first`.",
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
    /// Of what was not measured to its end.
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
            "The request has {measured} {what}; at most {} are taken. {advice}",
            measure.limit()
        );
        Self::document(measure.code(), message, None).with("cost", report(measure, measured))
    }
}

/// What was measured, as `extensions` show it.
pub fn report(measure: Measure, measured: usize) -> Value {
    value!({
        "measure": (measure.name()),
        "measured": measured,
        "limit": (measure.limit()),
    })
}
