namespace Stylebridge.Wire
{
    /// <summary>What a sender did: nothing is dropped in silence.</summary>
    public sealed class SenderCounters
    {
        private readonly long[] _faults = new long[64];

        /// <summary>Frames that the game gave.</summary>
        public long Offered { get; internal set; }

        /// <summary>Frames that left, each as often as it did.</summary>
        public long Sent { get; internal set; }

        /// <summary>Frames that left again after a link broke.</summary>
        public long Resent { get; internal set; }

        /// <summary>Frames of the live flow that were replaced by newer ones, or lost with a link.</summary>
        public long Dropped { get; internal set; }

        /// <summary>The highest sequence that the collector took over.</summary>
        public ulong Acknowledged { get; internal set; }

        /// <summary>Bytes of planes that left.</summary>
        public long Bytes { get; internal set; }

        /// <summary>Frames that went through a ring.</summary>
        public long InRing { get; internal set; }

        /// <summary>Milliseconds that the game waited in <c>TrySend</c>.</summary>
        public long BlockedMs { get; internal set; }

        /// <summary>Frames that came back.</summary>
        public long Replies { get; internal set; }

        /// <summary>Frames that came back and were replaced before the game took them.</summary>
        public long RepliesDropped { get; internal set; }

        /// <summary>How often a collector took the game in.</summary>
        public long Links { get; internal set; }

        /// <summary>How often a link was lost.</summary>
        public long LinksLost { get; internal set; }

        /// <summary>Faults of all codes, the collector's and those it complained about.</summary>
        public long Faults { get; private set; }

        /// <summary>Milliseconds of the newest answered PING; -1 before the first.</summary>
        public double RoundTripMs { get; internal set; } = -1;

        /// <summary>Faults with one code.</summary>
        public long FaultsOf(WireError error)
        {
            return _faults[(int)error % _faults.Length];
        }

        /// <summary>All numbers under the names that STATS uses.</summary>
        public JsonValue ToJson()
        {
            JsonValue json = JsonValue.NewObject()
                .Set("offered", JsonValue.Of(Offered))
                .Set("sent", JsonValue.Of(Sent))
                .Set("resent", JsonValue.Of(Resent))
                .Set("dropped", JsonValue.Of(Dropped))
                .Set("acknowledged", JsonValue.Of(Acknowledged))
                .Set("bytes", JsonValue.Of(Bytes))
                .Set("in_ring", JsonValue.Of(InRing))
                .Set("blocked_ms", JsonValue.Of(BlockedMs))
                .Set("replies", JsonValue.Of(Replies))
                .Set("replies_dropped", JsonValue.Of(RepliesDropped))
                .Set("links", JsonValue.Of(Links))
                .Set("links_lost", JsonValue.Of(LinksLost))
                .Set("faults", JsonValue.Of(Faults));
            for (int code = 0; code < _faults.Length; code++)
            {
                if (_faults[code] > 0)
                {
                    json.Set("fault_" + WireWords.WordFrom((WireError)code), JsonValue.Of(_faults[code]));
                }
            }
            return json;
        }

        internal void Count(WireError error)
        {
            Faults++;
            _faults[(int)error % _faults.Length]++;
        }
    }
}
