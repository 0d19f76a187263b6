// Placeholder until its first resident arrives.
