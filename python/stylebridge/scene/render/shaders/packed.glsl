// A surface in one texel, because a fetch costs as much as all arithmetic on it: encoded colour, normal, depth in metres,
// and id with material. Whole numbers below 2^24 are exact in a float.
vec4 surface_packed(vec3 color, vec3 normal, float depth, float id, float material) {
    vec3 bytes = floor(clamp(color, 0.0, 1.0) * 255.0 + 0.5);
    // Eight bits a side: an octahedron would be finer, but folding it costs a tenth of the whole surface.
    vec3 steps = floor(clamp(normal, -1.0, 1.0) * 127.0 + 127.5);
    return vec4(dot(bytes, vec3(1.0, 256.0, 65536.0)), dot(steps, vec3(1.0, 256.0, 65536.0)), depth, id * 128.0 + material);
}

vec3 unpacked_bytes(float number) {
    vec3 parts = floor(number * vec3(1.0, 1.0 / 256.0, 1.0 / 65536.0));
    return vec3(parts.xy - 256.0 * parts.yz, parts.z);
}

vec3 unpacked_color(float number) {
    return unpacked_bytes(number) * (1.0 / 255.0);
}

vec3 unpacked_normal(float number) {
    return normalize(unpacked_bytes(number) - 127.0);
}
