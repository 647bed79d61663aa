//! An operation over a WebSocket. It passes the gate that requests pass: it waits for a place, is refused where there is none,
//! and holds the place until its answer is there, or until it has begun to listen.

use std::future::pending;

use async_graphql::{Response as Executed, parser::types::OperationType};
use async_stream::stream;
use futures_util::{FutureExt, Stream, StreamExt};

use super::{
    super::{Answers, Endpoint, Rejection, Sender},
    protocol::ToClient,
};
use crate::{
    admission::{Class, ShedReason},
    bounded_json,
    http::clients::{
        Client,
        unread::{HeldBytes, Unread},
    },
    graphql::parameters::Parameters,
};

/// A message for the client, as it is sent.
pub struct Reply {
    pub text: HeldBytes,
    /// Does it tell of a failure that may be one of who is asking?
    pub failed: bool,
    /// The operation that ends with it.
    pub ends: Option<String>,
}

/// Writes the messages of one operation.
struct Replies {
    id: String,
    client: Client,
    unread: Unread,
}

/// The messages that answer the operation `id`.
pub fn answers(
    endpoint: Endpoint,
    sender: Sender,
    id: String,
    parameters: Result<Parameters, Rejection>,
) -> impl Stream<Item = Reply> + Send {
    let replies = Replies {
        id,
        client: sender.client.rate_limit_key(),
        unread: endpoint.app.clients.unread.clone(),
    };
    stream! {
        let (kind, answers) = match begin(&endpoint, sender, parameters).await {
            Ok(begun) => begun,
            Err(rejection) => {
                yield replies.error(rejection);
                return;
            }
        };
        // A subscription is gone on with elsewhere, from the last event that was told.
        let gone = async {
            match kind {
                OperationType::Subscription => endpoint.app.feed.closing().await,
                OperationType::Query | OperationType::Mutation => pending().await,
            }
        };
        let mut answers = answers.take_until(Box::pin(gone));
        while let Some(answer) = answers.next().await {
            let has_to_read = kind == OperationType::Subscription && replies.is_full();
            let reply = if has_to_read {
                replies.error(Rejection::shed(ShedReason::Unread, true))
            } else {
                replies.answer(answer)
            };
            let is_last = reply.ends.is_some();
            yield reply;
            if is_last {
                return;
            }
        }
        if endpoint.is_complete(kind) {
            yield replies.complete();
        }
    }
}

/// Passes the gate with an operation: gives its kind and its answers.
async fn begin(
    endpoint: &Endpoint,
    sender: Sender,
    parameters: Result<Parameters, Rejection>,
) -> Result<(OperationType, Answers), Rejection> {
    let (parameters, client) = (parameters?, sender.client.rate_limit_key());
    let only_reads = !parameters.says("mutation");
    // Whatever it says, it waits in one queue or the other.
    let class = if parameters.says("subscription") {
        Class::Streams
    } else {
        Class::General
    };
    let begin = async {
        let operation = endpoint.admit(parameters)?;
        let kind = operation.asked.kind;
        let answers = endpoint.begin(sender, operation).await?;
        Ok((kind, answers))
    };
    let begun = endpoint.gate.run(class, client, begin.boxed()).await;
    begun.unwrap_or_else(|reason| Err(Rejection::shed(reason, only_reads)))
}

impl Replies {
    /// Does the client have to read first? One that asks for another answer has passed the gate.
    fn is_full(&self) -> bool {
        self.unread.is_full(self.client)
    }

    fn answer(&self, answer: Result<Executed, Rejection>) -> Reply {
        match answer {
            Ok(executed) => {
                let failed = executed.is_err();
                let (id, payload) = (self.id.clone(), Box::new(executed));
                match bounded_json::to_vec(&ToClient::Next { id, payload }) {
                    Ok(text) => self.reply(text, failed, false),
                    Err(failure) => self.error(Rejection::unsent(&failure)),
                }
            }
            Err(rejection) => self.error(rejection),
        }
    }

    /// The operation was not executed, or its answer cannot be sent.
    fn error(&self, rejection: Rejection) -> Reply {
        let failed = rejection.is_of_sender();
        let (id, payload) = (self.id.clone(), rejection.errors());
        let text = ToClient::Error { id, payload }.to_string();
        self.reply(text.into(), failed, true)
    }

    fn complete(&self) -> Reply {
        let id = self.id.clone();
        let text = ToClient::Complete { id }.to_string();
        self.reply(text.into(), false, true)
    }

    fn reply(&self, text: Vec<u8>, failed: bool, ends: bool) -> Reply {
        Reply {
            text: self.unread.hold(self.client, text.into()),
            failed,
            ends: ends.then(|| self.id.clone()),
        }
    }
}
