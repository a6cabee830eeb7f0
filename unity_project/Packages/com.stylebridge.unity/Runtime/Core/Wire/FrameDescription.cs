namespace Stylebridge.Wire
{
    /// <summary>What a game says about a frame besides its planes; made once and filled again.</summary>
    public sealed class FrameDescription
    {
        /// <summary>The camera's name; the same string object every time costs least.</summary>
        public string Camera { get; set; } = "main";

        /// <summary>The game's own count.</summary>
        public ulong FrameId { get; set; }

        /// <summary>The game's clock in seconds.</summary>
        public double SimulationS { get; set; }

        /// <summary>Nanoseconds since 1970, UTC; 0 lets the sender ask its clock.</summary>
        public ulong WallNs { get; set; }

        /// <summary>Pixels per row.</summary>
        public int Width { get; set; }

        /// <summary>Rows.</summary>
        public int Height { get; set; }

        /// <summary>Whether <c>View</c> counts.</summary>
        public bool HasView { get; set; }

        /// <summary>Whether <c>Projection</c> counts.</summary>
        public bool HasProjection { get; set; }

        /// <summary>World to eye, 16 numbers in rows.</summary>
        public float[] View { get; } = new float[16];

        /// <summary>Eye to clip, 16 numbers in rows.</summary>
        public float[] Projection { get; } = new float[16];
    }
}
