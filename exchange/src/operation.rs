//! The writes that clients ask for. Each is a type that implements [`Operation`], in a file of its own;
//! [`Exchange::execute`] has everything that they share.

use std::future::ready;

use entity::UserId;
use serde_json::Value;

use crate::{
    Exchange,
    context::WriteContext,
    error::{Error, Result},
    idempotency::{Claim, Outcome},
    validation::Faults,
    write::Write,
};

/// A write that a client asks for, with its input. The methods are called in the order in which they are listed.
pub trait Operation: Sized + Send + 'static {
    /// The name in idempotency records. Never changes once released.
    const NAME: &'static str;
    /// True if the sender must be identified.
    const NEEDS_SENDER: bool = true;
    /// True if a success uses up what [`Operation::prepare`] requires, such as a password or a token: a repeated
    /// request could not pass that a second time, so its outcome is looked up before.
    const USES_UP_CREDENTIALS: bool = false;
    type Output: Outcome;

    /// Returns the field by which the input names the sender, and the user that it names.
    fn named_sender(&self) -> Option<(&'static str, UserId)> {
        None
    }

    /// Returns the whole input as it was sent: under one key, all requests must have the same. It may contain
    /// passwords, and only an HMAC of it is stored.
    fn input(&self) -> Value;

    /// Validates and normalizes the input.
    fn check(&mut self, _: &mut Faults) {}

    /// Returns the subject that a key is scoped to, such as an e-mail address, so that anonymous senders who choose the
    /// same key do not collide.
    fn key_subject(&self) -> Option<String> {
        None
    }

    /// Does what takes too long for a transaction, such as hashing a password.
    fn prepare(
        &mut self,
        _: &Exchange,
        _: &WriteContext,
    ) -> impl Future<Output = Result<()>> + Send {
        ready(Ok(()))
    }

    /// Does the write: locks rows in the order of [`crate::locks`], then checks the permission, then the preconditions
    /// by [`Write::require_match`] or [`Write::refuse_if_match`].
    fn run(self, write: Write<'_>) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// Returns a value that [`Operation::prepare`] has set.
pub(crate) fn prepared<T>(value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::internal("an operation was not prepared"))
}

impl Exchange {
    /// Executes an operation in one transaction, unless it was already done under the key of `context`: then returns
    /// its outcome. For a sender whose account or session has ended, nothing is done: returns the recorded outcome, or
    /// fails.
    pub async fn execute<O: Operation>(
        &self,
        context: impl Into<WriteContext>,
        mut operation: O,
    ) -> Result<O::Output> {
        let mut context = context.into();
        let claim = self.check(&mut context, &mut operation)?;
        if (context.ended.is_some() || O::USES_UP_CREDENTIALS)
            && let Some(done) = self.recorded_outcome(claim.as_ref()).await?
        {
            return Ok(done);
        }
        context.require_active_sender()?;
        operation.prepare(self, &context).await?;
        self.write_as(context, move |write| {
            Box::pin(run_once(claim, operation, write))
        })
        .await
    }

    /// Checks the sender and the input, and returns the claim of the key.
    fn check<O: Operation>(
        &self,
        context: &mut WriteContext,
        operation: &mut O,
    ) -> Result<Option<Claim>> {
        if O::NEEDS_SENDER {
            require_sender(context, operation.named_sender())?;
        }
        let input = operation.input();
        let mut faults = Faults::default();
        operation.check(&mut faults);
        faults.into_result()?;
        if let Some(subject) = operation.key_subject() {
            context.bind_key(&self.identity.request_digest, &subject);
        }
        let digest = &self.identity.request_digest;
        Ok(Claim::from_context(digest, context, O::NAME, &input))
    }

    async fn recorded_outcome<T: Outcome>(&self, claim: Option<&Claim>) -> Result<Option<T>> {
        match claim {
            Some(claim) => claim.recorded_outcome(self.database.reader()).await,
            None => Ok(None),
        }
    }
}

/// Checks that the sender is identified, and is the user that the input names: an input never identifies the sender.
pub(crate) fn require_sender(
    context: &WriteContext,
    named: Option<(&'static str, UserId)>,
) -> Result<()> {
    let actor = context.identified()?;
    match named {
        Some((field, named)) if named != actor => Err(Error::NotYourself {
            field,
            named,
            actor,
        }),
        _ => Ok(()),
    }
}

/// Runs the operation and records its outcome, unless the key of the claim has one.
async fn run_once<O: Operation>(
    claim: Option<Claim>,
    operation: O,
    write: Write<'_>,
) -> Result<O::Output> {
    let Some(claim) = claim else {
        return run(operation, write).await;
    };
    if claim.acquire(write.transaction).await? {
        let done = run(operation, write).await?;
        claim.complete(write.transaction, done.id()).await?;
        return Ok(done);
    }
    let done = claim.recorded_outcome(write.transaction).await?;
    done.ok_or(Error::KeyReused)
}

async fn run<O: Operation>(operation: O, write: Write<'_>) -> Result<O::Output> {
    let done = operation.run(write).await?;
    write.require_checked()?;
    Ok(done)
}
