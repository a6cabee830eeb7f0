using System;
using System.IO;
using System.Threading;

namespace Stylebridge.Wire
{
    /// <summary>The end of a ring that owns the frames; which slots are free is its user's to know.</summary>
    public sealed unsafe class RingWriter : IDisposable
    {
        private const int ChunkBytes = 1 << 20;

        private readonly RingMap _map;
        private readonly long _stride;
        private ulong _count;
        private bool _isUnlinked;

        /// <summary>Makes the file with room for all its bytes, so that a full disk shows here and not later.</summary>
        public RingWriter(int slots, long slotBytes)
        {
            if (slots < 1 || slots > WireConstants.MaxSlots || slotBytes < 1 || slotBytes > WireConstants.MaxSlotBytes)
            {
                throw new StylebridgeException(
                    "a ring of " + slots + " slots of " + slotBytes + " bytes",
                    "1 to " + WireConstants.MaxSlots + " slots of at most " + WireConstants.MaxSlotBytes + " bytes");
            }
            Slots = slots;
            SlotBytes = slotBytes;
            Token = WireId.NewRandom();
            _stride = RingMap.Stride(slotBytes);
            long size = RingMap.FileBytes(slots, slotBytes);
            RingSweep.Run();
            FileStream stream = MakeFile(RingMap.Opening(slots, slotBytes, Token), size, out string path);
            Path = path;
            try
            {
                _map = new RingMap(stream, size, true);
            }
            catch (Exception error) when (IsExpected(error))
            {
                Unlink();
                throw new StylebridgeException("no shared memory: " + error.Message, "", "", path, "", error);
            }
        }

        /// <summary>The file.</summary>
        public string Path { get; }

        /// <summary>What proves that both ends see the same file.</summary>
        public WireId Token { get; }

        /// <summary>How many frames fit.</summary>
        public int Slots { get; }

        /// <summary>How many bytes a frame may have.</summary>
        public long SlotBytes { get; }

        /// <summary>The message that offers the ring under a number.</summary>
        public LaneMessage Offer(ushort number)
        {
            return new LaneMessage
            {
                Act = LaneAct.Offer,
                Ring = number,
                Path = Path,
                Token = Token,
                Slots = Slots,
                SlotBytes = SlotBytes,
            };
        }

        /// <summary>Marks a slot as being written and gives the place of its payload.</summary>
        public byte* Begin(int slot)
        {
            byte* start = Slot(slot);
            _count++;
            Thread.MemoryBarrier(); // whatever was read of the slot before is done with
            *(ulong*)(start + SlotLayout.BeginStamp) = _count;
            Thread.MemoryBarrier(); // the mark stands before the first byte changes
            return start + RingMap.PayloadAt;
        }

        /// <summary>Marks a slot as written and gives the stamp that it bears.</summary>
        public ulong End(int slot, long payloadBytes)
        {
            byte* start = Slot(slot);
            *(ulong*)(start + SlotLayout.PayloadBytes) = (ulong)payloadBytes;
            Thread.MemoryBarrier(); // the payload stands before the mark does
            *(ulong*)(start + SlotLayout.EndStamp) = _count;
            Thread.MemoryBarrier();
            return _count;
        }

        /// <summary>The place of a slot's payload.</summary>
        public byte* Payload(int slot)
        {
            return Slot(slot) + RingMap.PayloadAt;
        }

        /// <summary>Deletes the file's name; the memory lives on. Harmless twice.</summary>
        public void Unlink()
        {
            if (_isUnlinked)
            {
                return;
            }
            try
            {
                File.Delete(Path);
                _isUnlinked = true;
            }
            catch (Exception error) when (IsExpected(error))
            {
                _isUnlinked = false; // a system that keeps the names of open files; tried again at the end
            }
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            _map.Dispose();
            Unlink();
        }

        private static FileStream MakeFile(byte[] opening, long size, out string path)
        {
            Exception reason = null;
            foreach (string folder in RingPath.Folders())
            {
                path = RingPath.NewPath(folder);
                FileStream stream = null;
                try
                {
                    stream = PosixFile.CreatePrivate(path);
                    Fill(stream, opening, size);
                    return stream;
                }
                catch (Exception error) when (IsExpected(error))
                {
                    reason = error;
                    if (stream != null)
                    {
                        stream.Dispose();
                        File.Delete(path);
                    }
                }
            }
            throw new StylebridgeException(
                "no room for " + size + " bytes of shared memory: " + reason.Message, "", "", RingPath.Folders()[0]);
        }

        private static void Fill(FileStream stream, byte[] opening, long size)
        {
            if (!PosixFile.TryAllocate(stream, size))
            {
                var zeros = new byte[(int)Math.Min(size, ChunkBytes)];
                for (long left = size; left > 0; left -= zeros.Length)
                {
                    stream.Write(zeros, 0, (int)Math.Min(left, zeros.Length));
                }
            }
            stream.Position = 0;
            stream.Write(opening, 0, opening.Length);
            stream.Flush();
        }

        private static bool IsExpected(Exception error)
        {
            return error is IOException || error is UnauthorizedAccessException || error is NotSupportedException
                || error is ArgumentException || error is TypeLoadException || error is OutOfMemoryException;
        }

        private byte* Slot(int slot)
        {
            if (slot < 0 || slot >= Slots || _map.Start == null)
            {
                throw new StylebridgeException("slot " + slot + " of a ring", "one of " + Slots + ", before the end");
            }
            return _map.Start + RingMap.SlotsAt + slot * _stride;
        }
    }
}
