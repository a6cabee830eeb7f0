// Shared by the sky and the lighting: from encoded bytes to linear light, and through the film to the screen.
uniform float exposure;

vec3 linear_from_srgb(vec3 c) {
    return c * (c * (c * 0.305306011 + 0.682171111) + 0.012522878);
}

// A film's toe and shoulder, fitted so that the screen's encoding is part of it (after Hejl and Burgess-Dawson).
vec3 filmed(vec3 light) {
    vec3 x = max(light * exposure - 0.004, 0.0);
    return clamp(x * (6.2 * x + 0.5) / (x * (6.2 * x + 1.7) + 0.06), 0.0, 1.0);
}
