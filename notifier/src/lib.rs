//! Turns the events of the exchange into letters.
