using System;
using System.IO;
using System.IO.MemoryMappedFiles;

namespace Stylebridge.Wire
{
    /// <summary>A ring's file as memory.</summary>
    internal sealed unsafe class RingMap : IDisposable
    {
        internal const int SlotsAt = 4096;
        internal const int PayloadAt = 64;

        private readonly MemoryMappedFile _file;
        private readonly MemoryMappedViewAccessor _view;
        private byte* _memory;

        /// <summary>Maps a file and takes the stream over.</summary>
        internal RingMap(FileStream stream, long size, bool mayWrite)
        {
            MemoryMappedFileAccess access = mayWrite ? MemoryMappedFileAccess.ReadWrite : MemoryMappedFileAccess.Read;
            try
            {
                _file = MemoryMappedFile.CreateFromFile(stream, null, 0, access, HandleInheritability.None, false);
                _view = _file.CreateViewAccessor(0, size, access);
                byte* start = null;
                _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
                _memory = start + _view.PointerOffset;
            }
            catch
            {
                _view?.Dispose();
                _file?.Dispose();
                stream.Dispose();
                throw;
            }
        }

        /// <summary>The first byte.</summary>
        internal byte* Start
        {
            get { return _memory; }
        }

        public void Dispose()
        {
            if (_memory == null)
            {
                return;
            }
            _memory = null;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }

        /// <summary>Bytes from one slot to the next.</summary>
        internal static long Stride(long slotBytes)
        {
            return (PayloadAt + slotBytes + SlotsAt - 1) / SlotsAt * SlotsAt;
        }

        /// <summary>Bytes of the whole file.</summary>
        internal static long FileBytes(int slots, long slotBytes)
        {
            return SlotsAt + slots * Stride(slotBytes);
        }

        /// <summary>The bytes that open a ring's file.</summary>
        internal static byte[] Opening(int slots, long slotBytes, WireId token)
        {
            var opening = new byte[RingLayout.Bytes];
            LittleEndian.WriteUInt32(opening, RingLayout.Magic, WireConstants.RingMagic);
            LittleEndian.WriteUInt16(opening, RingLayout.Version, WireConstants.Version);
            LittleEndian.WriteUInt16(opening, RingLayout.Slots, slots);
            LittleEndian.WriteUInt64(opening, RingLayout.SlotBytes, (ulong)slotBytes);
            LittleEndian.WriteUInt64(opening, RingLayout.SlotStride, (ulong)Stride(slotBytes));
            token.Write(opening, RingLayout.Token);
            return opening;
        }
    }
}
