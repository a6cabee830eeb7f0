using System;
using System.IO;
using System.Threading;

namespace Stylebridge.Wire
{
    /// <summary>The end of a ring that reads frames in place and can't write.</summary>
    public sealed unsafe class RingReader : IDisposable
    {
        private readonly RingMap _map;
        private readonly long _stride;

        private RingReader(RingMap map, LaneMessage offer)
        {
            _map = map;
            _stride = RingMap.Stride(offer.SlotBytes);
            Slots = offer.Slots;
            SlotBytes = offer.SlotBytes;
        }

        /// <summary>How many frames fit.</summary>
        public int Slots { get; }

        /// <summary>How many bytes a frame may have.</summary>
        public long SlotBytes { get; }

        /// <summary>Opens a ring that a peer offers; otherwise <c>says</c> tells why it can't be had.</summary>
        public static bool TryOpen(LaneMessage offer, out RingReader reader, out string says)
        {
            reader = null;
            says = "the path is not one where rings lie";
            if (!RingPath.IsFit(offer.Path))
            {
                return false;
            }
            long size = RingMap.FileBytes(offer.Slots, offer.SlotBytes);
            if (PosixStatus.TryRead(offer.Path, false, out PosixStatus status) && !IsPrivate(ref status, size))
            {
                says = "not a private file of " + size + " bytes"; // asked first: a pipe's opening would wait
                return false;
            }
            try
            {
                const FileShare Share = FileShare.ReadWrite | FileShare.Delete;
                var stream = new FileStream(offer.Path, FileMode.Open, FileAccess.Read, Share, 1);
                if (stream.Length != size)
                {
                    says = "the file has " + stream.Length + " bytes, expected " + size;
                    stream.Dispose();
                    return false;
                }
                var map = new RingMap(stream, size, false);
                if (!Holds(map, offer))
                {
                    says = "the file holds another ring than the one offered";
                    map.Dispose();
                    return false;
                }
                reader = new RingReader(map, offer);
                says = "";
                return true;
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException
                || error is NotSupportedException || error is ArgumentException || error is OutOfMemoryException)
            {
                says = "the file can't be opened: " + error.Message;
                return false;
            }
        }

        /// <summary>Whether a slot bears this frame; asked before its bytes are used and again afterwards.</summary>
        public bool Holds(int slot, ulong stamp, ulong payloadBytes)
        {
            if (slot < 0 || slot >= Slots || payloadBytes > (ulong)SlotBytes || _map.Start == null)
            {
                return false;
            }
            byte* start = Slot(slot);
            Thread.MemoryBarrier(); // reads of the payload stay on their side of this check
            ulong begin = *(ulong*)(start + SlotLayout.BeginStamp);
            ulong end = *(ulong*)(start + SlotLayout.EndStamp);
            ulong held = *(ulong*)(start + SlotLayout.PayloadBytes);
            Thread.MemoryBarrier();
            return begin == stamp && end == stamp && held == payloadBytes;
        }

        /// <summary>The place of a slot's payload.</summary>
        public byte* Payload(int slot)
        {
            if (slot < 0 || slot >= Slots || _map.Start == null)
            {
                throw new StylebridgeException("slot " + slot + " of a ring", "one of " + Slots + ", before the end");
            }
            return Slot(slot) + RingMap.PayloadAt;
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            _map.Dispose();
        }

        private static bool IsPrivate(ref PosixStatus status, long size)
        {
            return status.IsPlain && status.IsOwn && !status.IsOpenToOthers && status.Size == (ulong)size
                && !status.HasHoles;
        }

        private static bool Holds(RingMap map, LaneMessage offer)
        {
            byte[] expected = RingMap.Opening(offer.Slots, offer.SlotBytes, offer.Token);
            for (int i = 0; i < expected.Length; i++)
            {
                if (map.Start[i] != expected[i])
                {
                    return false;
                }
            }
            return true;
        }

        private byte* Slot(int slot)
        {
            return _map.Start + RingMap.SlotsAt + slot * _stride;
        }
    }
}
