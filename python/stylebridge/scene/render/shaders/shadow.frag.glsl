// Only depth counts; leaves leave holes.
#ifdef CUT
in vec4 v_uv_layer;
uniform sampler2DArray albedo_maps;
#endif

void main() {
#ifdef CUT
    if (texture(albedo_maps, v_uv_layer.xyz).a < 0.4) discard;
#endif
}
