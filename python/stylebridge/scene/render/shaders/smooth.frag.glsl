// Softens stairs along edges of brightness.
uniform sampler2D color_map;
uniform vec2 picture;
layout(location = 0) out vec4 o_color;

float brightness(vec3 c) {
    return dot(c, vec3(0.299, 0.587, 0.114));
}

void main() {
    vec2 texel = 1.0 / picture;
    vec2 spot = gl_FragCoord.xy * texel;
    ivec2 pixel = ivec2(gl_FragCoord.xy);
    ivec2 last = ivec2(picture) - 1;
    vec4 here = texelFetch(color_map, pixel, 0);
    float m = brightness(here.rgb);
    float n = brightness(texelFetch(color_map, max(pixel - ivec2(0, 1), 0), 0).rgb);
    float s = brightness(texelFetch(color_map, min(pixel + ivec2(0, 1), last), 0).rgb);
    float w = brightness(texelFetch(color_map, max(pixel - ivec2(1, 0), 0), 0).rgb);
    float e = brightness(texelFetch(color_map, min(pixel + ivec2(1, 0), last), 0).rgb);
    float low = min(m, min(min(n, s), min(w, e)));
    float high = max(m, max(max(n, s), max(w, e)));
    float span = high - low;
    // The way along the edge: at right angles to the slope of the brightness.
    vec2 along = vec2(n - s, e - w);
    float shortest = min(abs(along.x), abs(along.y)) + 0.03;
    along = clamp(along / shortest, -3.0, 3.0) * texel;
    float weight = smoothstep(0.06, 0.14, span);
    vec3 pair = texture(color_map, spot + along * 0.5 * weight).rgb + texture(color_map, spot - along * 0.5 * weight).rgb;
    vec3 soft = pair * 0.5;
    float level = brightness(soft);
    vec3 color = (level < low || level > high) ? here.rgb : soft;
    o_color = vec4(color, here.a);
}
