//! An operation over a WebSocket. It passes the admission of [`crate::Admission`], as requests do: it waits for its
//! turn, is rejected when there is no room, and counts until its response is there or its subscription is accepted.

use std::future::pending;

use async_graphql::{Executor, Response as Executed, parser::types::OperationType};
use async_stream::stream;
use futures_util::{FutureExt, Stream, StreamExt};

use super::protocol::ToClient;
use crate::{
    Class, Hooks, Rejection,
    parameters::Parameters,
    service::{Responses, Service},
};

/// A message to the client.
pub struct Reply<M> {
    pub text: M,
    /// True if it may report a failure to identify the sender.
    pub failed: bool,
    /// The operation that ends with it.
    pub ends: Option<String>,
}

/// Writes the messages of one operation.
struct Replies<H: Hooks> {
    id: String,
    hooks: H,
    sender: H::Sender,
}

/// Executes the operation `id` and streams its messages.
pub fn run<E: Executor, H: Hooks>(
    service: Service<E, H>,
    sender: H::Sender,
    id: String,
    parameters: Result<Parameters, Rejection>,
) -> impl Stream<Item = Reply<H::Message>> + Send {
    let replies = Replies {
        id,
        hooks: service.hooks.clone(),
        sender: sender.clone(),
    };
    stream! {
        let (kind, responses) = match begin(&service, sender, parameters).await {
            Ok(begun) => begun,
            Err(rejection) => {
                yield replies.error(rejection);
                return;
            }
        };
        // The client resumes a subscription at another instance, after the last event that it received.
        let stopping = async {
            match kind {
                OperationType::Subscription => service.hooks.stopping().await,
                OperationType::Query | OperationType::Mutation => pending().await,
            }
        };
        let mut responses = responses.take_until(Box::pin(stopping));
        while let Some(response) = responses.next().await {
            let backlog = match kind {
                OperationType::Subscription => replies.check_backlog(),
                OperationType::Query | OperationType::Mutation => Ok(()),
            };
            let reply = match backlog {
                Ok(()) => replies.next(response),
                Err(rejection) => replies.error(rejection),
            };
            let is_last = reply.ends.is_some();
            yield reply;
            if is_last {
                return;
            }
        }
        if service.is_complete(kind) {
            yield replies.complete();
        }
    }
}

/// Admits an operation. Returns its kind and its responses.
async fn begin<E: Executor, H: Hooks>(
    service: &Service<E, H>,
    sender: H::Sender,
    parameters: Result<Parameters, Rejection>,
) -> Result<(OperationType, Responses), Rejection> {
    let parameters = parameters?;
    let reads_only = !parameters.mentions("mutation");
    // A guess before the document is parsed. A wrong one costs a turn in the other queue.
    let class = if parameters.mentions("subscription") {
        Class::Stream
    } else {
        Class::Request
    };
    let begin = async {
        let operation = service.check(parameters)?;
        let kind = operation.details.kind;
        let responses = service.begin(sender.clone(), operation).await?;
        Ok((kind, responses))
    };
    let hooks = &service.hooks;
    hooks
        .admit(&sender, class, reads_only, begin.boxed())
        .await?
}

impl<H: Hooks> Replies<H> {
    /// Fails if the client has to read first. A query has passed this check at its admission.
    fn check_backlog(&self) -> Result<(), Rejection> {
        self.hooks.check_backlog(&self.sender)
    }

    fn next(&self, response: Result<Executed, Rejection>) -> Reply<H::Message> {
        match response {
            Ok(executed) => {
                let failed = executed.is_err();
                let (id, payload) = (self.id.clone(), Box::new(executed));
                match self.hooks.to_json(&ToClient::Next { id, payload }) {
                    Ok(text) => self.reply(text, failed, false),
                    Err(rejection) => self.error(rejection),
                }
            }
            Err(rejection) => self.error(rejection),
        }
    }

    /// Reports that the operation was not executed, or that its response cannot be sent.
    fn error(&self, rejection: Rejection) -> Reply<H::Message> {
        let failed = rejection.may_be_unauthenticated();
        let (id, payload) = (self.id.clone(), rejection.into_errors());
        let text = ToClient::Error { id, payload }.to_string();
        self.reply(text.into(), failed, true)
    }

    fn complete(&self) -> Reply<H::Message> {
        let id = self.id.clone();
        let text = ToClient::Complete { id }.to_string();
        self.reply(text.into(), false, true)
    }

    fn reply(&self, text: Vec<u8>, failed: bool, ends: bool) -> Reply<H::Message> {
        Reply {
            text: self.hooks.hold(&self.sender, text.into()),
            failed,
            ends: ends.then(|| self.id.clone()),
        }
    }
}
