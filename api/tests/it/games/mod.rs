//! Games: the board, and search on it.

mod search;
