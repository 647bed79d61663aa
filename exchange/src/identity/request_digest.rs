//! Digests of requests, to tell whether two are the same without storing either. An HMAC with a server key, so that a
//! reader of the database cannot guess passwords from it.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sha2::Sha256;

/// Separates this use of the server's secret from others.
const PURPOSE: &[u8] = b"fingerprints of requests";

/// The keyed digest of requests. Cheap to clone.
#[derive(Clone)]
pub struct RequestDigest(Hmac<Sha256>);

impl RequestDigest {
    /// Derives the key from a secret. Instances with the same secret make the same digests.
    pub fn new(secret: &SecretString) -> Result<Self, hmac::digest::InvalidLength> {
        let mut key = Hmac::new_from_slice(secret.expose_secret().as_bytes())?;
        key.update(PURPOSE);
        Ok(Self(key))
    }

    /// Returns the HMAC-SHA256 in hexadecimal.
    #[must_use]
    pub fn digest(&self, request: &Value) -> String {
        let mut hmac = self.0.clone();
        hmac.update(request.to_string().as_bytes());
        hex::encode(hmac.finalize().into_bytes())
    }
}
