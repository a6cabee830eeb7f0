// Where all is one buffer, the light's targets still hold what the surface left. The sky must not ask: it would be computed
// where something stands in front of it, too.
#ifdef PLAIN
#define TARGET inout
#endif
