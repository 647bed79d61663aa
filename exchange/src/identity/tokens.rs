//! Access tokens: JSON Web Tokens (RFC 7519) with the profile of RFC 9068, signed with HMAC-SHA-256. The algorithm is
//! fixed, and every verified claim is required.

use chrono::{DateTime, TimeDelta, Utc};
use entity::UserId;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode, errors::ErrorKind,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Error, Result};

/// The lifetime of an access token.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(15);
/// The issuer and the audience of the tokens.
const ISSUER: &str = "video-game-exchange";
const AUDIENCE: &str = "video-game-exchange-api";
/// The media type of an access token, so that no other kind of JWT is accepted as one.
const TYPE: &str = "at+jwt";
/// The tolerance for clock differences between instances.
const LEEWAY: TimeDelta = TimeDelta::seconds(5);

/// Issues and verifies access tokens.
#[derive(Clone)]
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

/// The claims of a valid token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claims {
    pub user_id: UserId,
    /// The user's token version when the session started.
    pub token_version: i64,
    /// The id of the session, which is the family of its refresh tokens.
    pub session: Uuid,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    token_version: i64,
    sid: Uuid,
}

impl Tokens {
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        let secret = secret.expose_secret().as_bytes();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        // The library uses the system clock; `read` uses the injected one.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
        }
    }

    /// Issues a token that is valid for [`LIFETIME`] from now.
    pub fn mint(&self, claims: Claims, now: DateTime<Utc>) -> Result<SecretString> {
        let header = Header {
            typ: Some(TYPE.to_owned()),
            ..Header::new(Algorithm::HS256)
        };
        let payload = Payload {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: claims.user_id.to_string(),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: (now + LIFETIME).timestamp(),
            token_version: claims.token_version,
            sid: claims.session,
        };
        Ok(encode(&header, &payload, &self.encoding)
            .map_err(Error::internal)?
            .into())
    }

    /// Verifies a token, and returns its claims.
    pub fn read(&self, token: &str, now: DateTime<Utc>) -> Result<Claims> {
        let token = decode::<Payload>(token, &self.decoding, &self.validation)
            .map_err(|cause| invalid(cause.kind()))?;
        let payload = token.claims;
        if token.header.typ.as_deref() != Some(TYPE) {
            return Err(Error::BadToken("it is not an access token"));
        }
        if payload.exp <= (now - LEEWAY).timestamp() {
            return Err(Error::BadToken("it has expired"));
        }
        if payload.nbf > (now + LEEWAY).timestamp() {
            return Err(Error::BadToken("it is not valid yet"));
        }
        let user_id = payload
            .sub
            .parse()
            .map_err(|_| Error::BadToken("its subject is not a user"))?;
        Ok(Claims {
            user_id: UserId(user_id),
            token_version: payload.token_version,
            session: payload.sid,
        })
    }
}

/// Describes why the library rejects a token.
fn invalid(cause: &ErrorKind) -> Error {
    Error::BadToken(match cause {
        ErrorKind::InvalidSignature => "its signature is wrong",
        ErrorKind::InvalidIssuer | ErrorKind::InvalidAudience => {
            "it was issued by or for another service"
        }
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => {
            "its algorithm is not supported"
        }
        ErrorKind::MissingRequiredClaim(_) => "a claim is missing",
        _ => "it is malformed",
    })
}
