//! What a circuit does to a state.
