// A vertex now and where it was in the previous frame. Pictures have their top row first: view_projection turns y over.
in vec4 p3d_Vertex;
in vec3 p3d_Normal;
in vec2 p3d_MultiTexCoord0;
in vec4 p3d_Color;
in vec4 marks;  // row of the id, row of the material, layer of the texture, metres that the wind moves it

uniform mat4 view_projection;

// Packed, because every slot costs for every triangle.
#ifdef SHADOW
out vec4 v_uv_layer;
#else
out vec4 v_normal_u;
out vec4 v_tint_v;
flat out vec3 v_marks;
#endif
#ifdef BUMPY
in vec4 tangent;
out vec4 v_tangent;
#endif
#ifdef MOVES
#ifdef PLAIN
uniform mat4 back_from_world;
#endif
out vec3 v_back;  // metres from here to where this point was; plain: that in the previous frame's clip space, without z
#endif

#ifdef SWAYS
uniform vec4 wind_now;  // three phases in turns, amplitude
uniform vec4 wind_before;

// As round as a sine, for a quarter of its price.
vec3 waves(vec3 turns) {
    vec3 x = abs(fract(turns) * 2.0 - 1.0);
    return x * x * (6.0 - 4.0 * x) - 1.0;
}

vec3 blown(vec3 spread, float reach, vec4 wind) {
    vec3 wave = waves(wind.xyz + spread);
    vec3 way = vec3(0.65 * wave.x + 0.35 * wave.y, 0.45 * wave.x + 0.45 * wave.z, 0.18 * wave.y - 0.12 * wave.z);
    return (reach * wind.w) * way;
}
#endif

#ifdef MOVER
uniform mat4 model;
uniform mat4 model_before;
#endif

#ifdef SKINNED
in vec4 joints;
in vec4 weights;
uniform vec4 bones[96];  // three rows for each joint
uniform vec4 bones_before[96];
#endif

void main() {
    vec4 place = vec4(p3d_Vertex.xyz, 1.0);
    vec3 normal = p3d_Normal;
#ifdef SKINNED
    vec4 x, y, z, before_x, before_y, before_z;
    x = y = z = vec4(0.0);
    before_x = before_y = before_z = vec4(0.0);
    for (int i = 0; i < 4; i++) {
        int row = 3 * int(joints[i]);
        x += weights[i] * bones[row];
        y += weights[i] * bones[row + 1];
        z += weights[i] * bones[row + 2];
#ifdef MOVES
        before_x += weights[i] * bones_before[row];
        before_y += weights[i] * bones_before[row + 1];
        before_z += weights[i] * bones_before[row + 2];
#endif
    }
    vec3 world = vec3(dot(x, place), dot(y, place), dot(z, place));
    normal = vec3(dot(x.xyz, normal), dot(y.xyz, normal), dot(z.xyz, normal));
#ifdef MOVES
    v_back = vec3(dot(before_x - x, place), dot(before_y - y, place), dot(before_z - z, place));
#endif
#elif defined(MOVER)
    vec3 world = (model * place).xyz;
    normal = mat3(model) * normal;
#ifdef MOVES
    v_back = ((model_before - model) * place).xyz;
#endif
#else
    vec3 world = place.xyz;
#ifdef MOVES
    v_back = vec3(0.0);
#endif
#endif
#ifdef SWAYS
    vec3 spread = vec3(dot(place.xy, vec2(0.049, 0.027)), dot(place.xz, vec2(0.30, 0.21)),
                       dot(place.xyz, vec3(0.14, 0.37, -0.27)));
    vec3 push = blown(spread, marks.w, wind_now);
    world += push;
#ifdef MOVES
    v_back += blown(spread, marks.w, wind_before) - push;
#endif
#endif
#if defined(MOVES) && defined(PLAIN)
    v_back = (back_from_world * vec4(world + v_back, 1.0)).xyw;
#endif
    gl_Position = view_projection * vec4(world, 1.0);
#ifdef SHADOW
    v_uv_layer = vec4(p3d_MultiTexCoord0, marks.z, 0.0);
#else
    v_normal_u = vec4(normal, p3d_MultiTexCoord0.x);
    v_tint_v = vec4(p3d_Color.rgb, p3d_MultiTexCoord0.y);
    v_marks = marks.xyz;
#endif
#ifdef BUMPY
#ifdef SKINNED
    v_tangent = vec4(dot(x.xyz, tangent.xyz), dot(y.xyz, tangent.xyz), dot(z.xyz, tangent.xyz), tangent.w);
#elif defined(MOVER)
    v_tangent = vec4(mat3(model) * tangent.xyz, tangent.w);
#else
    v_tangent = tangent;
#endif
#endif
}
