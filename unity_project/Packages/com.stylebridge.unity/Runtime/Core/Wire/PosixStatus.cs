using System;
using System.Runtime.InteropServices;
using System.Text;

namespace Stylebridge.Wire
{
    /// <summary>What Linux knows of a file and .NET doesn't say: its kind, owner, mode and blocks.</summary>
    internal unsafe struct PosixStatus
    {
        private const int FromHere = -100;
        private const int LinkItself = 0x100;
        private const uint Basics = 0x7FF;
        private const int Bytes = 256; // of the system's struct, the same on every processor
        private const int OwnerAt = 20;
        private const int ModeAt = 28;
        private const int SizeAt = 40;
        private const int BlocksAt = 48;
        private const int BlockBytes = 512;
        private const int TypeBits = 0xF000;
        private const int PlainFile = 0x8000;
        private const int OthersBits = 0x3F; // 077

        private uint _owner;
        private int _mode;
        private ulong _blocks;

        /// <summary>How many bytes the file says it has.</summary>
        internal ulong Size { get; private set; }

        /// <summary>Who may do what, in the digits that chmod takes.</summary>
        internal string Mode
        {
            get { return Convert.ToString(_mode & 0xFFF, 8); }
        }

        /// <summary>Whether it is a file of bytes: no link, pipe, folder or device.</summary>
        internal bool IsPlain
        {
            get { return (_mode & TypeBits) == PlainFile; }
        }

        /// <summary>Whether anybody but its owner may do anything with it.</summary>
        internal bool IsOpenToOthers
        {
            get { return (_mode & OthersBits) != 0; }
        }

        /// <summary>Whether it belongs to the user of this process.</summary>
        internal bool IsOwn
        {
            get { return _owner == User(); }
        }

        /// <summary>Whether bytes are promised for which there may be no room when they are read.</summary>
        internal bool HasHoles
        {
            get { return _blocks * BlockBytes < Size; }
        }

        /// <summary>Asks the system; false where it can't be asked: anywhere but on Linux and Android.</summary>
        internal static bool TryRead(string path, bool followsLinks, out PosixStatus status)
        {
            status = default(PosixStatus);
            if (!PosixFile.IsPosix)
            {
                return false;
            }
            byte* into = stackalloc byte[Bytes];
            try
            {
                fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
                {
                    if (Ask(FromHere, name, followsLinks ? 0 : LinkItself, Basics, into) != 0)
                    {
                        return false;
                    }
                }
                status._owner = *(uint*)(into + OwnerAt);
                status._mode = *(ushort*)(into + ModeAt);
                status.Size = *(ulong*)(into + SizeAt);
                status._blocks = *(ulong*)(into + BlocksAt);
                User();
                return true;
            }
            catch (TypeLoadException)
            {
                return false; // no such library, or no such function in it
            }
        }

        [DllImport("libc", EntryPoint = "statx")]
        private static extern int Ask(int folder, byte* path, int flags, uint wanted, byte* into);

        [DllImport("libc", EntryPoint = "getuid")]
        private static extern uint User();
    }
}
