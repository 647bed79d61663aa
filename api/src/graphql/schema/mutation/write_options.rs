//! The members of an input that every write has: the idempotency key and the precondition.

use async_graphql::InputObject;
use exchange::{
    context::{Preconditions, WriteContext},
    error::Result,
};

use crate::{
    graphql::schema::loaders::Viewer,
    http::{etag::ETags, idempotency::parse_key},
};

/// The idempotency key of a mutation.
#[derive(Default, InputObject)]
pub struct IdempotencyInput {
    /// Identifies this write, so that sending it again does not repeat it: for 24 hours it returns the first result,
    /// here and in REST. 1 to 255 visible ASCII characters. Takes precedence over the header Idempotency-Key.
    idempotency_key: Option<String>,
}

/// The precondition of a mutation that changes an object.
#[derive(Default, InputObject)]
pub struct PreconditionInput {
    /// The `etag` of the object to change, from here or from REST. If the object has changed since, the mutation fails
    /// with `stale`. Several, separated by commas, and `*` are allowed.
    if_match: Option<String>,
}

impl Viewer {
    /// Creates the context of a write from the options of a mutation.
    pub fn write_context(
        &self,
        idempotency: &IdempotencyInput,
        precondition: &PreconditionInput,
    ) -> Result<WriteContext> {
        let named = idempotency.idempotency_key.as_deref();
        let named = named
            .map(|name| parse_key("`idempotencyKey`", name, &self.replayed))
            .transpose()?;
        let tags = ETags::parse("`ifMatch`", precondition.if_match.as_deref().into_iter())?;
        let preconditions = Preconditions {
            matches: tags.map(ETags::revisions),
            differs: None,
        };
        // A proxy may have set the header.
        let key = named.or_else(|| self.key.clone());
        WriteContext::new(self.sender(), preconditions, key)
    }
}
