//! Accounts: register, update, delete, e-mail addresses and passwords.

mod accounts;
mod email_addresses;
mod password_spellings;
mod passwords;
