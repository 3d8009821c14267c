//! A channel of many servers.

mod attempts;
mod backends;
mod configs;
mod health;
mod matrix;
mod picking;
mod resolving;
