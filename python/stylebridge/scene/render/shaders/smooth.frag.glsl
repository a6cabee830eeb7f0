// The finished colour: softer along edges, and steadied by the previous picture where that showed the same surface.
uniform sampler2D color_map;
uniform sampler2D planes_map;
uniform sampler2D picture_before;
uniform vec2 picture;
layout(location = 0) out vec4 o_color;

const float FRESH = 0.2;  // share of this frame where the previous one is trusted

void main() {
    vec2 texel = 1.0 / picture;
    vec2 spot = gl_FragCoord.xy * texel;
    vec4 here = texture(color_map, spot);
    vec3 n = texture(color_map, spot - vec2(0.0, texel.y)).rgb;
    vec3 s = texture(color_map, spot + vec2(0.0, texel.y)).rgb;
    vec3 w = texture(color_map, spot - vec2(texel.x, 0.0)).rgb;
    vec3 e = texture(color_map, spot + vec2(texel.x, 0.0)).rgb;
    vec3 low = min(here.rgb, min(min(n, s), min(w, e)));
    vec3 high = max(here.rgb, max(max(n, s), max(w, e)));
    float span = dot(high - low, vec3(0.299, 0.587, 0.114));
    vec3 color = mix(here.rgb, (n + s + w + e) * 0.25, 0.45 * smoothstep(0.05, 0.20, span));
    vec2 motion = texture(planes_map, spot).xy;
    vec3 before = texture(picture_before, spot + motion * texel).rgb;
    color = mix(clamp(before, low, high), color, here.a > 0.5 ? 1.0 : FRESH);
    o_color = vec4(color, here.a);
}
