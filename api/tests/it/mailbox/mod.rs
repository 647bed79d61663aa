//! Actions by e-mail: confirm an address, reset a password.

mod letters;
