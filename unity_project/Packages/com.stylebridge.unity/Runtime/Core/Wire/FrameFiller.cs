namespace Stylebridge.Wire
{
    /// <summary>Turns what a game says about a frame into a header and the places of its planes.</summary>
    internal sealed class FrameFiller
    {
        private readonly CameraNames _cameras = new CameraNames();
        private readonly WireId _session;
        private readonly IWireClock _clock;
        private readonly bool _hasChecksums;

        internal FrameFiller(WireId session, IWireClock clock, bool hasChecksums)
        {
            _session = session;
            _clock = clock;
            _hasChecksums = hasChecksums;
        }

        /// <summary>Where the planes of the filled header lie, in its order.</summary>
        internal WirePart[] Planes { get; } = new WirePart[WireConstants.MaxPlanes];

        /// <summary>Fills a header with the wanted planes, in the order of their numbers.</summary>
        internal void Fill(FrameHeader header, FrameDescription frame, PlaneData[] planes, int count, uint wanted)
        {
            header.Flags = 0;
            header.Session = _session;
            header.Sequence = 1; // the real one is given when the frame is taken
            header.FrameId = frame.FrameId;
            header.SimulationS = frame.SimulationS;
            header.WallNs = frame.WallNs != 0 ? frame.WallNs : _clock.WallNs;
            header.Camera = _cameras.Find(frame.Camera);
            header.Width = frame.Width;
            header.Height = frame.Height;
            header.Lane = WireLane.Inline;
            header.Ring = 0;
            header.Slot = 0;
            header.SlotStamp = 0;
            header.ClearMatrices();
            if (frame.HasView)
            {
                header.Matrices |= WireMatrix.View;
                frame.View.CopyTo(header.View, 0);
            }
            if (frame.HasProjection)
            {
                header.Matrices |= WireMatrix.Projection;
                frame.Projection.CopyTo(header.Projection, 0);
            }
            header.PlaneCount = 0;
            for (int i = 0; i < count; i++)
            {
                if ((wanted & (1u << (int)planes[i].Entry.Plane)) != 0)
                {
                    Add(header, ref planes[i]);
                }
            }
            header.LayOut();
        }

        private void Add(FrameHeader header, ref PlaneData plane)
        {
            PlaneEntry entry = plane.Entry;
            long bytes = entry.UnpackedBytes(header.Height);
            bool isThere = plane.Bytes != null ? plane.Offset >= 0 && plane.Offset + bytes <= plane.Bytes.Length
                : plane.Pointer != System.IntPtr.Zero && bytes <= plane.Available;
            if (!isThere || bytes <= 0 || bytes > int.MaxValue || header.PlaneCount == WireConstants.MaxPlanes)
            {
                throw new WireFault(
                    WireError.BadLength, "plane " + entry.Plane + " of " + bytes + " bytes",
                    "that many to be there, less than 2 GiB, and at most " + WireConstants.MaxPlanes + " planes");
            }
            var part = new WirePart
            {
                Bytes = plane.Bytes,
                Offset = plane.Offset,
                Pointer = plane.Pointer,
                Length = (int)bytes,
            };
            entry.Codec = WireCodec.Raw;
            entry.Length = (ulong)bytes;
            entry.ChecksumKind = _hasChecksums ? WireChecksum.Crc32 : WireChecksum.None;
            entry.Checksum = _hasChecksums ? ChecksumOf(ref part) : 0;
            int place = header.PlaneCount++;
            for (; place > 0 && header.Planes[place - 1].Plane > entry.Plane; place--)
            {
                header.Planes[place] = header.Planes[place - 1];
                Planes[place] = Planes[place - 1];
            }
            header.Planes[place] = entry;
            Planes[place] = part;
        }

        private static unsafe uint ChecksumOf(ref WirePart part)
        {
            return part.Bytes != null
                ? Crc32.Compute(part.Bytes, part.Offset, part.Length)
                : Crc32.Compute((byte*)part.Pointer, part.Length);
        }
    }
}
