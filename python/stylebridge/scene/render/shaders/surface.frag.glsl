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

#ifdef PLAIN
layout(location = 0) out vec4 o_color;   // encoded, and the row of the material
layout(location = 1) out vec4 o_normal;  // and, where it moves, how deep it was
layout(location = 2) out vec4 o_planes;  // motion where it moves, depth, and the id: -1 - id where it moves
uniform vec2 picture;
#else
layout(location = 0) out vec4 o_surface;  // see packed.glsl
#ifdef MOVES
layout(location = 1) out vec4 o_back;
#endif
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
#ifdef PLAIN
    o_color = vec4(texel.rgb * v_tint_v.rgb, v_marks.y / 255.0);
    o_normal = vec4(normal, 0.0);
    o_planes = vec4(0.0, 0.0, 1.0 / gl_FragCoord.w, v_marks.x);
#ifdef MOVES
    o_normal.w = v_back.z;
    o_planes.xy = (v_back.xy / v_back.z * 0.5 + 0.5) * picture - gl_FragCoord.xy;
    o_planes.w = -1.0 - v_marks.x;
#endif
#else
    o_surface = surface_packed(texel.rgb * v_tint_v.rgb, normal, 1.0 / gl_FragCoord.w, v_marks.x, v_marks.y);
#ifdef MOVES
    o_surface.w = -o_surface.w;
    o_back = vec4(v_back, 0.0);
#endif
#endif
}
