//! Tells whether two requests are the same without keeping either: an HMAC under a key of the server's, so that nobody who
//! reads the database can try passwords against it.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::Sha256;

/// Sets this use of the server's secret apart from all others.
const PURPOSE: &[u8] = b"fingerprints of requests";

/// Makes fingerprints. Cheap to clone.
#[derive(Clone)]
pub struct RequestDigest(Hmac<Sha256>);

impl RequestDigest {
    /// The same secret makes the same fingerprints, on any instance.
    pub fn new(secret: &SecretString) -> Result<Self, hmac::digest::InvalidLength> {
        let mut key = Hmac::new_from_slice(secret.expose_secret().as_bytes())?;
        key.update(PURPOSE);
        Ok(Self(key))
    }

    /// HMAC-SHA256, in hexadecimal.
    #[must_use]
    pub fn digest(&self, request: &Value) -> String {
        let mut hmac = self.0.clone();
        hmac.update(request.to_string().as_bytes());
        hex::encode(hmac.finalize().into_bytes())
    }
}
