// The precompiled header needs a source to belong to; this is it.
