//! A channel of many servers.

mod attempts;
mod backends;
mod health;
mod matrix;
mod picking;
mod resolving;
