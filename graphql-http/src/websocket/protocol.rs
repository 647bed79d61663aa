//! The messages and close codes of the protocol graphql-transport-ws.
//!
//! Source: <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>

use std::{borrow::Cow, fmt};

use async_graphql::{Response as Executed, ServerError};
use axum::http::{HeaderName, HeaderValue};
use platform::media_type::strip_bom;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::{Identity, parameters::Parameters};

/// The value of `Sec-WebSocket-Protocol`.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// The longest reason of a close, in bytes: the rest of a control frame after the code.
const MAX_REASON: usize = 123;

/// A message from a client.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromClient {
    ConnectionInit {
        payload: Option<Init>,
    },
    Ping {
        payload: Option<Map<String, Value>>,
    },
    Pong {
        #[serde(rename = "payload")]
        _payload: Option<Map<String, Value>>,
    },
    Subscribe {
        id: String,
        payload: Parameters,
    },
    Complete {
        id: String,
    },
}

/// The payload of `connection_init`. Unknown members are ignored.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub struct Init(Map<String, Value>);

/// A message to a client.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToClient {
    ConnectionAck,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Value>>,
    },
    Next {
        id: String,
        payload: Box<Executed>,
    },
    /// The operation was not executed.
    Error {
        id: String,
        payload: Vec<ServerError>,
    },
    Complete {
        id: String,
    },
}

/// The code and the reason with which a connection is closed.
#[derive(Debug)]
pub struct Close {
    code: u16,
    reason: Cow<'static, str>,
}

impl FromClient {
    /// Parses a message. Fails with the close that a wrong one leads to.
    pub fn parse(text: &str) -> Result<Self, Close> {
        let text = strip_bom(text.as_bytes());
        let message: Self = serde_json::from_slice(text).map_err(Close::invalid)?;
        match &message {
            Self::Subscribe { id, .. } if id.is_empty() => Err(Close::invalid("its id is empty")),
            _ => Ok(message),
        }
    }
}

impl Init {
    /// Returns the members that are credentials, as the headers that they stand for.
    pub fn credentials(
        self,
        hooks: &impl Identity,
    ) -> Result<Vec<(HeaderName, HeaderValue)>, Close> {
        let mut credentials = Vec::new();
        for (name, value) in self.0 {
            let Some(header) = hooks.credential_header(&name) else {
                continue;
            };
            let text = match value {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                Value::Null => continue,
                _ => return Err(Close::invalid(format!("{name} must be a string"))),
            };
            let value = HeaderValue::try_from(text).map_err(Close::invalid)?;
            credentials.push((header, value));
        }
        Ok(credentials)
    }
}

impl fmt::Display for ToClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(self).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl Close {
    pub(super) const UNAUTHORIZED: Self = Self::new(4401, "Unauthorized");
    pub(super) const PROTOCOL: Self = Self::new(
        4406,
        "Subprotocol not acceptable: ask for graphql-transport-ws",
    );
    pub(super) const INIT_TIMEOUT: Self = Self::new(4408, "Connection initialisation timeout");
    pub(super) const RATE_LIMITED: Self = Self::new(
        1008,
        "Too many messages: at most 100 at once and 50 a second, pings included",
    );
    pub(super) const INIT_TWICE: Self = Self::new(4429, "Too many initialisation requests");
    pub(super) const RESTART: Self = Self::new(1012, "This instance is stopping: connect again");
    /// A dependency is unavailable.
    pub const TRY_AGAIN: Self = Self::new(1013, "Try again later");
    pub const INTERNAL: Self = Self::new(4500, "Internal server error");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self {
            code,
            reason: Cow::Borrowed(reason),
        }
    }

    /// Creates the close for a message that violates the protocol.
    pub fn invalid(fault: impl fmt::Display) -> Self {
        Self::truncated(4400, format!("Invalid message: {fault}"))
    }

    /// Creates the close for a `subscribe` with the id of an operation in progress.
    pub(super) fn duplicate(id: &str) -> Self {
        Self::truncated(4409, format!("Subscriber for {id} already exists"))
    }

    /// Creates the close for a sender that cannot be identified, who may reconnect with other credentials.
    pub fn forbidden(reason: impl fmt::Display) -> Self {
        Self::truncated(4403, format!("Forbidden: {reason}"))
    }

    fn truncated(code: u16, mut reason: String) -> Self {
        reason.truncate(reason.floor_char_boundary(MAX_REASON));
        Self {
            code,
            reason: reason.into(),
        }
    }

    /// Creates the frame that closes the connection.
    pub(super) fn frame(self) -> CloseFrame {
        CloseFrame {
            code: self.code.into(),
            reason: self.reason.as_ref().into(),
        }
    }
}
