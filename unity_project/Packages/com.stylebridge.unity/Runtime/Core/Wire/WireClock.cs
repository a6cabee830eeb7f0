using System;
using System.Diagnostics;

namespace Stylebridge.Wire
{
    /// <summary>The computer's clocks.</summary>
    public sealed class WireClock : IWireClock
    {
        private const long NsPerTick = 100;
        private static readonly long EpochTicks = new DateTime(1970, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
        private readonly Stopwatch _watch = Stopwatch.StartNew();

        /// <inheritdoc/>
        public long NowMs
        {
            get { return _watch.ElapsedMilliseconds; }
        }

        /// <inheritdoc/>
        public ulong WallNs
        {
            get { return (ulong)((DateTime.UtcNow.Ticks - EpochTicks) * NsPerTick); }
        }
    }
}
