//! `@listSize` of the IBM cost specification: the schema says how long a list is, and the cost of a document follows.
//!
//! Source: <https://ibm.github.io/graphql-specs/cost-spec.html>

use async_graphql::{InputType, Positioned, TypeDirective, parser::types::ConstDirective};

/// The length of a list, for the cost of a document. It is the largest of the slicing arguments: numbers, or lists of
/// the objects to return. With `sizedFields`, these fields of the returned object are the lists.
#[TypeDirective(location = "FieldDefinition", name = "listSize")]
pub fn list_size(
    #[graphql(desc = "The length without a slicing argument.")] assumed_size: Option<usize>,
    #[graphql(desc = "The arguments that determine the length.")] slicing_arguments: Option<
        Vec<String>,
    >,
    #[graphql(desc = "The fields of the returned object that are lists of this length.")]
    sized_fields: Option<Vec<String>>,
    #[graphql(
        desc = "True if a query must have exactly one slicing argument.",
        default_with = "Some(true)"
    )]
    require_one_slicing_argument: Option<bool>,
) {
}

/// The length of a list, as the directive declares it.
#[derive(Debug)]
pub struct Length {
    pub assumed: Option<usize>,
    pub slicing_arguments: Vec<String>,
    pub sized_fields: Vec<String>,
}

impl Length {
    /// Reads the directives of a field.
    pub fn from_directives(directives: &[Positioned<ConstDirective>]) -> Option<Self> {
        let mut directives = directives.iter().map(|directive| &directive.node);
        let directive = directives.find(|directive| directive.name.node == *list_size.name())?;
        Some(Self {
            assumed: argument(directive, "assumedSize"),
            slicing_arguments: argument(directive, "slicingArguments").unwrap_or_default(),
            sized_fields: argument(directive, "sizedFields").unwrap_or_default(),
        })
    }
}

fn argument<T: InputType>(directive: &ConstDirective, name: &str) -> Option<T> {
    let value = directive.get_argument(name)?.node.clone();
    T::parse(Some(value)).ok()
}
