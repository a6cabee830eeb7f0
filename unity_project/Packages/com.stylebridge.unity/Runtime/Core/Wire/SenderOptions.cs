namespace Stylebridge.Wire
{
    /// <summary>What a game decides about its link before it calls; not to be changed under a sender.</summary>
    public sealed class SenderOptions
    {
        /// <summary>The collector, as <c>tcp://HOST:PORT</c>; only loopback without keys.</summary>
        public string Endpoint { get; set; } = "tcp://127.0.0.1:" + WireConstants.DefaultPort;

        /// <summary>The game's name.</summary>
        public string Name { get; set; } = "game";

        /// <summary>The engine's name and release.</summary>
        public string Engine { get; set; } = "";

        /// <summary>How frames flow.</summary>
        public WireFlow Flow { get; set; } = WireFlow.Live;

        /// <summary>The planes that the game can send.</summary>
        public WirePlane[] Planes { get; set; } = { WirePlane.Color };

        /// <summary>Whether the game wants frames back.</summary>
        public bool Replies { get; set; }

        /// <summary>Whether frames may go through shared memory.</summary>
        public bool SharedMemory { get; set; } = true;

        /// <summary>Whether every plane gets a CRC-32.</summary>
        public bool Checksums { get; set; }

        /// <summary>Keys for an encrypted link, or null.</summary>
        public CurveKeys Keys { get; set; }

        /// <summary>The most bytes of frames that are kept until they are acknowledged.</summary>
        public long MaxHeldBytes { get; set; } = 1L << 30;

        /// <summary>The most bytes of a ring.</summary>
        public long MaxRingBytes { get; set; } = 1L << 30;

        /// <summary>The most bytes of a frame that comes back.</summary>
        public int MaxReplyBytes { get; set; } = WireConstants.MaxFrameBytes;

        /// <summary>Frames smaller than this go inline even when there is a ring.</summary>
        public int SmallestInRing { get; set; } = 64 << 10;
    }
}
