// The finished picture in a window, whose first row is at the bottom.
in vec2 v_spot;
uniform sampler2D color_map;
layout(location = 0) out vec4 o_color;

void main() {
    o_color = vec4(texture(color_map, vec2(0.5, -0.5) * v_spot + 0.5).rgb, 1.0);
}
