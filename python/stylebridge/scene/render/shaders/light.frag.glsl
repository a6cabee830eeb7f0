// Light on everything that the surface pass has drawn, once a pixel; and where each pixel was in the previous frame.
in vec2 v_spot;
uniform vec4 materials[128];
uniform mat4 back_from_eye;  // eye now -> clip space of the previous frame
#ifdef PLAIN
uniform sampler2D picture_before;
#else
uniform sampler2D surface_map;
uniform sampler2D back_map;  // metres to where the surface was, for what moves
#endif
uniform vec2 ray_scale;
uniform mat4 eye_to_world;

uniform vec3 sun_direction;
uniform vec3 sun_color;
uniform vec3 sky_light;
uniform vec3 bounce;
uniform vec3 fog_color;
uniform vec4 air;  // fog per metre, wetness, lamps, height in metres over which the fog thins out
#ifdef PLAIN
uniform sampler2D still_shadows;
uniform sampler2D moving_shadows;
#else
uniform sampler2DShadow still_shadows;
uniform sampler2DShadow moving_shadows;
#endif
uniform mat4 still_shadow_matrix;
uniform mat4 moving_shadow_matrix;

#ifdef LAMPS
uniform vec4 lamps[8];  // place, radius
uniform int lamp_count;
uniform vec3 lamp_color;
#endif

#ifdef PLAIN
const float SHADED = 0.4;  // where a shadow comes or goes: else it would lag behind whoever walks
const float FRESH = 0.12;  // share of this frame where the previous one showed the same
float shade;  // 0.5 in the shadow of what moves
#endif

// One soft tap of each map: every tap costs a tenth of all light in software.
float lit_share(vec3 place) {
    vec3 still = (still_shadow_matrix * vec4(place, 1.0)).xyz;
    vec3 moving = (moving_shadow_matrix * vec4(place, 1.0)).xyz;
#ifdef PLAIN
    vec2 nearest = vec2(texture(still_shadows, still.xy).r, texture(moving_shadows, moving.xy).r);
    shade = moving.z > nearest.y ? 0.5 : 0.0;
    return still.z > nearest.x ? 0.0 : 1.0 - 2.0 * shade;
#else
    return min(texture(still_shadows, still), texture(moving_shadows, moving));
#endif
}

// A highlight's falling off, as a power of the cosine would have it (Schlick's fraction).
float highlight(float cosine, float gloss) {
    float x = max(cosine, 0.0);
    return x / (gloss - gloss * x + x);
}

void main() {
#ifdef PLAIN
    float depth = o_planes.z;
    bool moves = o_planes.w < 0.0;
    float id = moves ? -1.0 - o_planes.w : o_planes.w;
    int row = int(o_color.a * 255.0 + 0.5);
    vec3 encoded = o_color.rgb;
    vec3 normal = normalize(o_normal.xyz);
#else
    // Not texelFetch: a software driver looks up the level's size and place for every texel of it.
    vec2 spot = gl_FragCoord.xy / picture;
    vec4 seen = texture(surface_map, spot);
    float depth = seen.z;
    float mark = abs(seen.w);  // negative where it moves
    float id = floor(mark * (1.0 / 128.0));
    int row = int(mark - 128.0 * id);
    vec3 encoded = unpacked_color(seen.x);
    vec3 normal = unpacked_normal(seen.y);
#endif
    vec3 eye_ray = vec3(v_spot * ray_scale, -1.0);
    vec3 ray = mat3(eye_to_world) * eye_ray;
    vec3 place = ray * depth + eye_to_world[3].xyz;
    vec3 away = normalize(ray);

    vec4 material = materials[row];
    vec3 surface = linear_from_srgb(encoded);
    float shine = material.x;
    float gloss = material.y;
#ifdef WET
    float puddle = air.y * smoothstep(0.80, 0.98, normal.z);
    surface *= 1.0 - 0.45 * puddle;
    shine = mix(shine, 0.75, puddle);
    gloss = mix(gloss, 90.0, puddle);
#endif
    float facing = dot(normal, sun_direction);
    float lit = lit_share(place + normal * 0.07) * clamp(facing, 0.0, 1.0);
    vec3 halfway = normalize(sun_direction - away);
    float spark = highlight(dot(normal, halfway), gloss) * (gloss * 0.04 + 0.3) * shine;
    float rim = 1.0 - max(-dot(normal, away), 0.0);
    rim *= rim;
    rim *= rim;
    vec3 ambient = mix(bounce, sky_light, 0.5 + 0.5 * normal.z);
    vec3 light = surface * (ambient + sun_color * lit) + sun_color * (lit * spark) + sky_light * (rim * shine * 0.6);
    light += surface * (material.z * air.z * 4.0);
#ifdef LAMPS
    for (int i = 0; i < lamp_count; i++) {
        vec3 to_lamp = lamps[i].xyz - place;
        float near = dot(to_lamp, to_lamp);
        float fall = max(1.0 - near / (lamps[i].w * lamps[i].w), 0.0);
        vec3 toward = to_lamp * inversesqrt(near + 0.01);
        float cosine = max(dot(normal, toward), 0.0);
        float glint = highlight(dot(normal, normalize(toward - away)), gloss) * (gloss * 0.03 + 0.3) * shine;
        light += lamp_color * (fall * fall / (near * 0.12 + 0.6)) * (surface * (cosine * 0.8 + 0.2) + glint);
    }
#endif
    float thin = exp2(-max(place.z, 0.0) / air.w);
    float fog = 1.0 - exp2(-air.x * 1.442695 * depth * mix(0.35, 1.0, thin));
    float glow = max(dot(away, sun_direction), 0.0);
    light = mix(light, fog_color + sun_color * (0.10 * glow * glow * glow * glow), fog);
    vec3 color = filmed(light);

#ifdef PLAIN
    vec4 back = back_from_eye * vec4(eye_ray * depth, 1.0);
    vec2 before = (back.xy / back.w * 0.5 + 0.5) * picture;
    before = moves ? gl_FragCoord.xy + o_planes.xy : before;
    back.w = moves ? o_normal.w : back.w;
#else
    // A loop, because that is the one branch which a software driver really skips.
    vec3 way = vec3(0.0);
    int moves = seen.w < 0.0 ? 1 : 0;
    for (int i = 0; i < moves; i++) way = texture(back_map, spot).xyz;
    vec4 back = back_from_eye * vec4(eye_ray * depth, 1.0) + back_from_world * vec4(way, 0.0);
    vec2 before = (back.xy / back.w * 0.5 + 0.5) * picture;
#endif
    // How much deeper a flat surface gets from one pixel to the next.
    vec2 pixel_angle = 2.0 * abs(ray_scale) / picture;
    float steep = dot(abs(vec2(dot(normal, eye_to_world[0].xyz), dot(normal, eye_to_world[1].xyz))), pixel_angle);
    float slope = depth * steep / max(abs(dot(normal, ray)), 0.02);
    float hidden = hidden_before(before, back.w, id, slope);
#ifdef PLAIN
    float fresh = hidden > 0.5 ? 1.0 : shade == shade_before ? FRESH : SHADED;
    color = mix(texture(picture_before, before / picture).rgb, color, fresh);
#endif
    o_color = vec4(color, hidden);
    o_normal = vec4(normal, 0.0);
#ifdef PLAIN
    id += shade;
#endif
    o_planes = vec4(known * (before - gl_FragCoord.xy), depth, id);
}
