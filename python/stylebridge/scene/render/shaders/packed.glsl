// A surface in one texel, because a fetch costs as much as all arithmetic on it: encoded colour, normal, depth in metres,
// and id with material. Whole numbers below 2^24 are exact in a float.
vec4 surface_packed(vec3 color, vec3 normal, float depth, float id, float material) {
    vec3 bytes = floor(clamp(color, 0.0, 1.0) * 255.0 + 0.5);
    vec2 octant = normal.xy / (abs(normal.x) + abs(normal.y) + abs(normal.z));
    vec2 folded = (1.0 - abs(octant.yx)) * vec2(octant.x < 0.0 ? -1.0 : 1.0, octant.y < 0.0 ? -1.0 : 1.0);
    octant = floor((normal.z < 0.0 ? folded : octant) * 2047.0 + 2047.5);
    return vec4(dot(bytes, vec3(1.0, 256.0, 65536.0)), octant.x + octant.y * 4096.0, depth, id * 128.0 + material);
}

vec3 unpacked_color(float number) {
    vec3 parts = floor(number * vec3(1.0, 1.0 / 256.0, 1.0 / 65536.0));
    return vec3(parts.xy - 256.0 * parts.yz, parts.z) * (1.0 / 255.0);
}

vec3 unpacked_normal(float number) {
    float upper = floor(number * (1.0 / 4096.0));
    vec2 octant = vec2(number - 4096.0 * upper, upper) * (1.0 / 2047.0) - 1.0;
    float z = 1.0 - abs(octant.x) - abs(octant.y);
    float fold = max(-z, 0.0);
    octant -= vec2(octant.x < 0.0 ? -fold : fold, octant.y < 0.0 ? -fold : fold);
    return normalize(vec3(octant, z));
}
