using System;

namespace Stylebridge.Wire
{
    /// <summary>The first part of a FRAME, made once and filled again for every frame.</summary>
    public sealed class FrameHeader
    {
        /// <summary>The most bytes that a first part has.</summary>
        public const int MaxBytes =
            PrefixLayout.Bytes + FrameLayout.Bytes + WireConstants.MaxPlanes * PlaneLayout.Bytes;

        private readonly CameraNames _cameras = new CameraNames();

        /// <summary>Reply and resent.</summary>
        public WireFrameFlag Flags { get; set; }

        /// <summary>The session that the frame belongs to.</summary>
        public WireId Session { get; set; }

        /// <summary>The frame's place among those that the session offered, from 1.</summary>
        public ulong Sequence { get; set; }

        /// <summary>The game's own count.</summary>
        public ulong FrameId { get; set; }

        /// <summary>The game's clock in seconds.</summary>
        public double SimulationS { get; set; }

        /// <summary>Nanoseconds since 1970, UTC, when the frame was made.</summary>
        public ulong WallNs { get; set; }

        /// <summary>The camera.</summary>
        public CameraName Camera { get; set; }

        /// <summary>Pixels per row.</summary>
        public int Width { get; set; }

        /// <summary>Rows.</summary>
        public int Height { get; set; }

        /// <summary>Whether the planes are message parts or lie in a ring.</summary>
        public WireLane Lane { get; set; }

        /// <summary>Which matrices are given.</summary>
        public WireMatrix Matrices { get; set; }

        /// <summary>The ring's number; 0 inline.</summary>
        public ushort Ring { get; set; }

        /// <summary>The ring's slot; 0 inline.</summary>
        public ushort Slot { get; set; }

        /// <summary>The stamp that the slot bears; 0 inline.</summary>
        public ulong SlotStamp { get; set; }

        /// <summary>Where the last plane ends.</summary>
        public ulong PayloadBytes { get; set; }

        /// <summary>World to eye, 16 numbers in rows.</summary>
        public float[] View { get; } = new float[16];

        /// <summary>Eye to clip, 16 numbers in rows.</summary>
        public float[] Projection { get; } = new float[16];

        /// <summary>How many of the planes count.</summary>
        public int PlaneCount { get; set; }

        /// <summary>Room for every plane.</summary>
        public PlaneEntry[] Planes { get; } = new PlaneEntry[WireConstants.MaxPlanes];

        /// <summary>Bytes of the first part.</summary>
        public int Bytes
        {
            get { return PrefixLayout.Bytes + FrameLayout.Bytes + PlaneCount * PlaneLayout.Bytes; }
        }

        /// <summary>Takes a first part apart; on a refusal the code says why and the content is undefined.</summary>
        public bool TryDecode(byte[] data, int count, long limit, out WireError error)
        {
            error = FrameReader.Read(this, _cameras, data, count, limit);
            return error == 0;
        }

        /// <summary>Takes a first part apart or says why it can't.</summary>
        public void Decode(byte[] data, int count, long limit = WireConstants.MaxFrameBytes)
        {
            if (!TryDecode(data, count, limit, out WireError error))
            {
                throw WireFault.Of(error, "a FRAME");
            }
        }

        /// <summary>The code that a receiver with this limit would give, or 0.</summary>
        public WireError Check(long limit)
        {
            WireError error = FrameReader.CheckFields(this, limit);
            return error != 0 ? error : PlaneRules.Check(this, limit);
        }

        /// <summary>Lays the planes one behind the other, each aligned, and sets the payload's end.</summary>
        public void LayOut()
        {
            ulong end = 0;
            for (int i = 0; i < PlaneCount; i++)
            {
                Planes[i].Offset = Aligned(end);
                end = Planes[i].Offset + Planes[i].Length;
            }
            PayloadBytes = end;
        }

        /// <summary>Writes the first part and gives its size.</summary>
        public int Encode(byte[] target)
        {
            if (target.Length < Bytes)
            {
                throw new StylebridgeException("a buffer of " + target.Length + " bytes", "at least " + Bytes);
            }
            FrameWriter.Write(this, target);
            return Bytes;
        }

        internal static ulong Aligned(ulong size)
        {
            return (size + WireConstants.Alignment - 1) / WireConstants.Alignment * WireConstants.Alignment;
        }

        internal void ClearMatrices()
        {
            Matrices = 0;
            Array.Clear(View, 0, 16);
            Array.Clear(Projection, 0, 16);
        }
    }
}
