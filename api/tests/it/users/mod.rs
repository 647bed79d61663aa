//! Accounts: register, update, delete, e-mail addresses and passwords.

mod change_password;
mod delete;
mod email_addresses;
mod password_hashing;
mod password_spellings;
mod register;
mod update;
