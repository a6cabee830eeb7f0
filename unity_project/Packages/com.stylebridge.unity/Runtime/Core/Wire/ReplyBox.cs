using System.Collections.Generic;

namespace Stylebridge.Wire
{
    /// <summary>Frames that come back: opened, and the newest of each camera kept until the game takes it.</summary>
    internal sealed unsafe class ReplyBox
    {
        private const int MaxRings = 4;

        private readonly Dictionary<ushort, RingReader> _rings = new Dictionary<ushort, RingReader>();
        private readonly List<Place> _places = new List<Place>(); // one per camera
        private readonly PlaneCodec _codec = new PlaneCodec();
        private readonly SenderOptions _options;
        private readonly WireId _session;
        private readonly ReplyFrame _spare = new ReplyFrame();
        private int _next;

        internal ReplyBox(SenderOptions options, WireId session)
        {
            _options = options;
            _session = session;
        }

        /// <summary>Opens a FRAME; the ACK tells the sender of it what may be written again.</summary>
        internal bool TryOpen(WireMessage message, out Ack ack, out bool wasDropped, out WireError error)
        {
            ack = default(Ack);
            wasDropped = false;
            FrameHeader header = _spare.Header;
            if (!header.TryDecode(message.Part(0), message.Length(0), _options.MaxReplyBytes, out error))
            {
                return false;
            }
            ack.Sequence = header.Sequence;
            if ((header.Flags & WireFrameFlag.Reply) == 0 || !header.Session.Equals(_session))
            {
                error = (header.Flags & WireFrameFlag.Reply) == 0 ? WireError.BadFlags : WireError.BadSession;
                return false;
            }
            if (header.Lane == WireLane.Ring)
            {
                // The slot is given back whatever lies in it.
                ack.Ring = header.Ring;
                ack.Released = 1UL << header.Slot;
                error = message.Count == 1 ? OpenSlot(header) : WireError.BadParts;
            }
            else
            {
                error = OpenParts(header, message);
            }
            if (error == 0)
            {
                wasDropped = Keep();
            }
            return error == 0;
        }

        /// <summary>Gives the game a frame that it hasn't had, of each camera in turn.</summary>
        internal bool TryTake(ReplyFrame into)
        {
            for (int i = 0; i < _places.Count; i++)
            {
                Place place = _places[(_next + i) % _places.Count];
                if (place.IsFresh)
                {
                    _next = (_next + i + 1) % _places.Count;
                    place.IsFresh = false;
                    into.Exchange(place.Frame);
                    return true;
                }
            }
            return false;
        }

        /// <summary>Gives the game the frame made from this one, if it is the newest of its camera.</summary>
        internal bool TryTake(ulong sequence, ReplyFrame into)
        {
            foreach (Place place in _places)
            {
                if (place.IsFresh && place.Frame.Header.Sequence == sequence)
                {
                    place.IsFresh = false;
                    into.Exchange(place.Frame);
                    return true;
                }
            }
            return false;
        }

        /// <summary>Takes a ring that the collector offers, or says why not.</summary>
        internal LaneMessage Answer(LaneMessage offer)
        {
            string says = "";
            bool isFit = _options.SharedMemory && _options.Replies && _rings.Count < MaxRings
                && !_rings.ContainsKey(offer.Ring)
                && offer.SlotBytes <= (long)FrameHeader.Aligned((ulong)_options.MaxReplyBytes);
            if (!isFit)
            {
                says = "not wanted, too large, or too many rings";
            }
            else if (RingReader.TryOpen(offer, out RingReader ring, out says))
            {
                _rings.Add(offer.Ring, ring);
                return new LaneMessage { Act = LaneAct.Accept, Ring = offer.Ring };
            }
            return new LaneMessage { Act = LaneAct.Refuse, Ring = offer.Ring, Says = says };
        }

        internal void CloseRing(ushort number)
        {
            if (_rings.TryGetValue(number, out RingReader ring))
            {
                _rings.Remove(number);
                ring.Dispose();
            }
        }

        /// <summary>A new link: rings are offered again.</summary>
        internal void StartOver()
        {
            foreach (RingReader ring in _rings.Values)
            {
                ring.Dispose();
            }
            _rings.Clear();
        }

        private WireError OpenParts(FrameHeader header, WireMessage message)
        {
            if (message.Count != 1 + header.PlaneCount)
            {
                return WireError.BadParts;
            }
            for (int i = 0; i < header.PlaneCount; i++)
            {
                if ((ulong)message.Length(1 + i) != header.Planes[i].Length)
                {
                    return WireError.BadParts;
                }
            }
            for (int i = 0; i < header.PlaneCount; i++)
            {
                fixed (byte* sent = message.Part(1 + i))
                {
                    WireError error = OpenPlane(header, i, sent, header.Planes[i].Codec == WireCodec.Raw);
                    if (error != 0)
                    {
                        return error;
                    }
                }
                if (header.Planes[i].Codec == WireCodec.Raw)
                {
                    _spare.SwapWith(message, 1 + i, i);
                }
            }
            return 0;
        }

        private WireError OpenSlot(FrameHeader header)
        {
            if (!_rings.TryGetValue(header.Ring, out RingReader ring)
                || !ring.Holds(header.Slot, header.SlotStamp, header.PayloadBytes))
            {
                return WireError.Torn;
            }
            WireError error = 0;
            for (int i = 0; i < header.PlaneCount && error == 0; i++)
            {
                byte* sent = ring.Payload(header.Slot) + (long)header.Planes[i].Offset;
                error = OpenPlane(header, i, sent, false);
            }
            return ring.Holds(header.Slot, header.SlotStamp, header.PayloadBytes) ? error : WireError.Torn;
        }

        private WireError OpenPlane(FrameHeader header, int place, byte* sent, bool isTakenAsItIs)
        {
            if (isTakenAsItIs)
            {
                return PlaneCodec.ChecksumHolds(ref header.Planes[place], sent) ? 0 : WireError.BadChecksum;
            }
            byte[] room = _spare.Room(place, header.Planes[place].UnpackedBytes(header.Height));
            _codec.TryUnpack(ref header.Planes[place], header.Height, sent, room, out WireError error);
            return error;
        }

        /// <summary>Puts the opened frame where the game finds it; true when an untaken one had to go.</summary>
        private bool Keep()
        {
            Place place = PlaceOf(_spare.Header.Camera.Text);
            bool wasDropped = place.IsFresh;
            place.IsFresh = true;
            place.Frame.Exchange(_spare);
            return wasDropped;
        }

        private Place PlaceOf(string camera)
        {
            foreach (Place known in _places)
            {
                if (known.Camera == camera)
                {
                    return known;
                }
            }
            if (_places.Count == WireConstants.MaxCameras)
            {
                _places.RemoveAt(0);
            }
            var place = new Place { Camera = camera };
            _places.Add(place);
            return place;
        }

        private sealed class Place
        {
            internal string Camera;
            internal bool IsFresh;

            internal ReplyFrame Frame { get; } = new ReplyFrame();
        }
    }
}
