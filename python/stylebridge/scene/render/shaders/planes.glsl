// What lighting and sky write: the colour, normal, motion, depth and id.
#ifndef TARGET
#define TARGET out
#endif
layout(location = 0) TARGET vec4 o_color;   // encoded; alpha is 1 where the previous frame didn't show this
layout(location = 1) TARGET vec4 o_normal;
layout(location = 2) TARGET vec4 o_planes;  // motion, depth, row of the id
uniform mat4 back_from_world;            // directions and places in the world -> clip space of the previous frame
uniform vec2 picture;
uniform float known;                     // 1 when there is a previous frame to compare with
uniform sampler2D planes_before;

#ifdef PLAIN
float shade_before;  // comes with the id, see light.frag
#endif

// 1 where the pixel of the previous frame nearest to this spot shows another thing, or something nearer.
float hidden_before(vec2 spot, float depth, float id, float slope) {
    vec4 before = texture(planes_before, spot / picture);
    bool inside = all(greaterThanEqual(spot, vec2(0.0))) && all(lessThan(spot, picture));
#ifdef PLAIN
    shade_before = fract(before.w);
    before.w -= shade_before;
#endif
    bool same = before.w == id && abs(before.z - depth) < 0.01 * depth + 0.02 + slope;
    return (inside && same && depth > 0.0 && known > 0.5) ? 0.0 : 1.0;
}
