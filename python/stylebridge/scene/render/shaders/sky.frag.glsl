// The sky where nothing stands: a gradient, the sun or the moon, stars, and clouds that drift with the simulation's time.
in vec2 v_spot;
uniform vec2 ray_scale;
uniform mat4 eye_to_world;
uniform vec3 sun_direction;
uniform vec3 sun_color;
uniform vec3 zenith;
uniform vec3 horizon;
uniform vec4 sky;  // clouds, share of night, drift of the clouds
uniform sampler2D noise_map;

uniform float far_m;

void main() {
    vec3 ray = normalize(mat3(eye_to_world) * vec3(v_spot * ray_scale, -1.0));
    float up = max(ray.z, 0.0);
    float toward = max(dot(ray, sun_direction), 0.0);
    vec3 light = mix(horizon, zenith, 1.0 - exp2(-4.5 * up));
    float halo = toward * toward;
    halo *= halo;
    halo *= halo;
    light += sun_color * (0.05 * halo + 0.10 * exp2(-130.0 * (1.0 - toward)));
    vec3 glare = sun_color * smoothstep(0.99955, 0.99975, toward) * mix(8.0, 4.0, sky.y);
    vec2 dome = ray.xy / (up + 0.12);
#ifdef NIGHT
    float star = texture(noise_map, ray.xy / (1.0 + up) * 2.7).a;
    light += sky.y * vec3(0.8, 0.85, 1.0) * smoothstep(0.80, 1.0, star) * 0.5 * min(4.0 * up, 1.0);
#endif
    vec2 drift = vec2(sky.z, sky.z * 0.4);
    float shape = texture(noise_map, dome * 0.055 + drift).r * 0.68 + texture(noise_map, dome * 0.19 + drift * 1.6).g * 0.32;
    float edge = 0.74 - 0.52 * sky.x;
    float cover = smoothstep(edge, edge + 0.20, shape) * smoothstep(0.0, 0.10, up);
    float thick = smoothstep(edge + 0.06, edge + 0.36, shape);
    vec3 bright = horizon * 0.75 + sun_color * (0.16 + 0.22 * halo);
    vec3 dark = mix(zenith, horizon, 0.6) * 0.72 + sun_color * 0.035;
    light = mix(light + glare, mix(bright, dark, thick), cover * 0.94);
    vec4 back = back_from_world * vec4(ray, 0.0);
    vec2 before = (back.xy / back.w * 0.5 + 0.5) * picture;
    o_color = vec4(filmed(light), hidden_before(before, back.w > 0.0 ? far_m : -1.0, 0.0, 0.0));
    o_normal = vec4(-ray, 0.0);
    o_planes = vec4(known * (before - gl_FragCoord.xy), far_m, 0.0);
}
