// What is seen, before light falls on it, and the way back to the previous frame.
in vec4 v_normal_u;
in vec4 v_tint_v;
flat in vec3 v_marks;
#ifdef BUMPY
in vec4 v_tangent;
uniform sampler2DArray bump_maps;
#endif
#ifdef MOVES
in vec3 v_back;
#endif
uniform sampler2DArray albedo_maps;

layout(location = 0) out vec4 o_surface;  // see packed.glsl
#ifdef MOVES
layout(location = 1) out vec4 o_back;
#endif

void main() {
    vec3 spot = vec3(v_normal_u.w, v_tint_v.w, v_marks.z);
    vec4 texel = texture(albedo_maps, spot);
#ifdef CUT
    if (texel.a < 0.4) discard;
#endif
    vec3 normal = v_normal_u.xyz;
#ifdef BUMPY
    // Bumps fade out before the distance at which batches are drawn without them.
    float fade = clamp(2.0 - 0.125 / gl_FragCoord.w, 0.0, 1.0) * (255.0 / 127.0);
    vec2 bump = (texture(bump_maps, spot).xy - 128.0 / 255.0) * fade;
    vec3 across = cross(normal, v_tangent.xyz) * v_tangent.w;
    normal += bump.x * v_tangent.xyz + bump.y * across;
#endif
#ifdef TWO_SIDED
    normal = gl_FrontFacing ? -normal : normal;  // pictures are drawn upside down, which swaps the sides
#endif
    o_surface = surface_packed(texel.rgb * v_tint_v.rgb, normal, 1.0 / gl_FragCoord.w, v_marks.x, v_marks.y);
#ifdef MOVES
    o_surface.w = -o_surface.w;
    o_back = vec4(v_back, 0.0);
#endif
}
