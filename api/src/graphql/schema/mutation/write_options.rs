//! How a mutation is asked for, apart from what it does: under which key, and on which condition. Parts of its input.

use async_graphql::InputObject;
use exchange::{
    error::Result,
    operation::{Preconditions, WriteContext},
};

use crate::{
    graphql::schema::loaders::Viewer,
    http::{etag::ETags, idempotency::parse_key},
};

/// The key of a mutation.
#[derive(Default, InputObject)]
pub struct IdempotencyInput {
    /// Names this write, so that sending it again is no second one: the answer is the first one's, for 24 hours, here and in
    /// REST. 1 to 255 visible characters. It goes before the header Idempotency-Key, which does the same.
    idempotency_key: Option<String>,
}

/// The condition of a mutation that changes something.
#[derive(Default, InputObject)]
pub struct PreconditionInput {
    /// The `etag` of what is to be changed, here or in REST: it is left alone if it has changed since. Several, with commas
    /// between them, or `*` will do, too.
    if_match: Option<String>,
}

impl Viewer {
    /// A write as a mutation asks for it.
    pub fn call(
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
        // The header may be a proxy's.
        let key = named.or_else(|| self.key.clone());
        WriteContext::new(self.sender(), preconditions, key)
    }
}
