//! Texts of people in responses. They make up most of a large response, so their bytes are counted when they are
//! resolved: a response that gets too large is abandoned before it is built.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, ServerResult, Value, parser::types::Field,
    registry::Registry,
};
use exchange::error::{Error, Result};

use crate::bounded_json::MAX_BYTES;

/// The bytes of texts in the response so far, as data of a request.
#[derive(Clone, Default)]
pub struct ResponseSize(Arc<AtomicUsize>);

/// A text of a person, or one that contains such a text.
#[derive(Clone)]
pub struct Text<T>(pub T);

impl ResponseSize {
    /// Finishes a response and resets the count. Fails if the response is too large: then some of its texts are
    /// missing.
    pub fn finish(&self) -> Result<()> {
        if self.0.swap(0, Ordering::Relaxed) > MAX_BYTES {
            return Err(Error::AnswerTooLarge);
        }
        Ok(())
    }

    /// Counts more bytes. Returns false if they exceed the limit.
    fn grow(&self, by: usize) -> bool {
        self.0.fetch_add(by, Ordering::Relaxed) + by <= MAX_BYTES
    }
}

impl<T: AsRef<str> + Send + Sync> OutputType for Text<T> {
    fn type_name() -> Cow<'static, str> {
        <String as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <String as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let (size, text): (&ResponseSize, _) = (context.data_unchecked(), self.0.as_ref());
        // Null, because an error for each of tens of thousands of texts would be as large as the texts.
        if !size.grow(text.len()) {
            return Ok(Value::Null);
        }
        text.resolve(context, field).await
    }
}
