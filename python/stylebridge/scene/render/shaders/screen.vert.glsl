// One triangle over the whole picture; FAR puts it where nothing stands.
in vec4 p3d_Vertex;
out vec2 v_spot;  // -1 to 1, y towards the bottom row

void main() {
    v_spot = p3d_Vertex.xy;
#ifdef FAR
    gl_Position = vec4(p3d_Vertex.xy, 1.0, 1.0);
#else
    gl_Position = vec4(p3d_Vertex.xy, 0.0, 1.0);
#endif
}
