//! Texts that people wrote, as they stand in answers. They are what makes an answer large, so their bytes are counted as they
//! are resolved: an answer that gets too large is given up before it is built.

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

/// The bytes of texts that an answer has so far, as data of a request.
#[derive(Clone, Default)]
pub struct Size(Arc<AtomicUsize>);

/// A text that somebody wrote, or that has such a text in it.
#[derive(Clone)]
pub struct Text<T>(pub T);

impl Size {
    /// Ends an answer, and begins another. Fails where it got larger than it may be: then it has not all of its texts.
    pub fn end(&self) -> Result<()> {
        if self.0.swap(0, Ordering::Relaxed) > MAX_BYTES {
            return Err(Error::AnswerTooLarge);
        }
        Ok(())
    }

    /// Is there room for so many bytes more?
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
        let (size, text): (&Size, _) = (context.data_unchecked(), self.0.as_ref());
        // A failure here would be one of tens of thousands, each as large as the text.
        if !size.grow(text.len()) {
            return Ok(Value::Null);
        }
        text.resolve(context, field).await
    }
}
